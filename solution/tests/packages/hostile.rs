//! Packages that mean harm, or were broken on the way. Each is refused before it costs anything.

use crate::fixture::{EMPTY, Manifest, TYPES, facts, package, zip};
use model::ErrorCode;
use slipway_solution::{Limits, PackageError, read};
use std::{
    fmt::Write,
    io::{Cursor, Read, Seek, SeekFrom},
};

fn refused(bytes: &[u8], sentence: &str) {
    let error = facts(bytes).expect_err(sentence);
    assert_eq!(error.code(), ErrorCode::INVALID_SOLUTION_FILE, "{error}");
    assert!(error.to_string().contains(sentence), "{error}");
}

fn sound() -> Vec<u8> {
    package(&Manifest::default().xml(), EMPTY, &[])
}

/// Where the last place of some bytes is.
fn last(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).rposition(|window| window == wanted).unwrap()
}

/// Counts what is read of a package.
struct Counting {
    bytes: Cursor<Vec<u8>>,
    read: u64,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read += count as u64;
        Ok(count)
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[test]
fn what_is_no_zip_is_told_apart() {
    refused(b"", "it is empty");
    refused(b"Just a text", "it is not a zip file");
    refused(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "it is a Git LFS pointer to a file");
    let whole = sound();
    refused(&whole[..whole.len() / 2], "the zip file ends too early");
}

#[test]
fn a_package_cut_anywhere_is_refused() {
    let whole = sound();
    for length in 0..whole.len() {
        assert!(facts(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn a_package_with_any_byte_changed_is_read_or_refused_and_nothing_else() {
    let whole = sound();
    for at in 0..whole.len() {
        for change in [0xFF, 0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            let _ = facts(&bytes);
        }
    }
}

#[test]
fn a_changed_byte_of_the_manifest_shows() {
    let mut bytes = sound();
    let name = bytes.windows(12).position(|window| window == b"solution.xml").unwrap();
    bytes[name + 40] ^= 0x10;
    assert!(facts(&bytes).is_err());
}

#[test]
fn names_that_lead_out_of_the_package_are_refused() {
    for (name, sentence) in [
        ("../evil.txt", "leads out of the package"),
        ("a/../../evil.txt", "leads out of the package"),
        ("..\\evil.txt", "leads out of the package"),
        ("/etc/passwd", "leads out of the package"),
        ("\\\\server\\share", "leads out of the package"),
        ("C:\\evil.txt", "leads to a drive"),
        ("a\0b", "has control characters"),
        ("", "is empty"),
    ] {
        refused(&package(&Manifest::default().xml(), EMPTY, &[(name, b"x")]), sentence);
    }
}

#[test]
fn two_files_of_one_name_are_refused() {
    let manifest = Manifest { managed: "1", ..Manifest::default() }.xml();
    refused(
        &package(&Manifest::default().xml(), EMPTY, &[("solution.xml", manifest.as_bytes())]),
        "two files named “solution.xml”",
    );
    refused(
        &package(&Manifest::default().xml(), EMPTY, &[("a/b.txt", b"1"), ("A\\B.txt", b"2")]),
        "two files named “A/B.txt”",
    );
}

#[test]
fn a_file_that_claims_ten_gigabytes_is_refused_without_being_unpacked() {
    let mut bytes = sound();
    let record = last(&bytes, b"PK\x01\x02");
    bytes[record + 24..record + 28].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    let mut counting = Counting { bytes: Cursor::new(bytes), read: 0 };
    let error = read(&mut counting, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("claims 4294967294 bytes"), "{error}");
    assert!(counting.read < 200_000, "{} bytes were read", counting.read);
}

#[test]
fn a_file_that_claims_ten_gigabytes_in_eight_bytes_is_refused() {
    let bytes = sound();
    let record = last(&bytes, b"PK\x01\x02");
    let end = last(&bytes, b"PK\x05\x06");
    let name = usize::from(u16::from_le_bytes([bytes[record + 28], bytes[record + 29]]));
    let mut extra = vec![1, 0, 8, 0];
    extra.extend_from_slice(&10_000_000_000_u64.to_le_bytes());
    let mut made = bytes[..record + 46 + name].to_vec();
    made[record + 24..record + 28].copy_from_slice(&u32::MAX.to_le_bytes());
    made[record + 30..record + 32].copy_from_slice(&12_u16.to_le_bytes());
    made.extend_from_slice(&extra);
    made.extend_from_slice(&bytes[record + 46 + name..]);
    let size = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap()) + 12;
    let end = end + 12;
    made[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    refused(&made, "claims 10000000000 bytes");
}

#[test]
fn a_bomb_is_refused_by_its_ratio() {
    let blanks = vec![b' '; 20 << 20];
    refused(
        &package(&Manifest::default().xml(), EMPTY, &[("WebResources/big", &blanks)]),
        "claims to unpack to 20971520 bytes from",
    );
}

#[test]
fn a_bomb_that_lies_about_its_size_is_stopped_where_it_claims_to_end() {
    let manifest = Manifest::default().xml() + &" ".repeat(4 << 20);
    let mut bytes = zip(&[
        ("customizations.xml", EMPTY.as_bytes()),
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("solution.xml", manifest.as_bytes()),
    ]);
    let record = last(&bytes, b"PK\x01\x02");
    bytes[record + 24..record + 28].copy_from_slice(&100_u32.to_le_bytes());
    refused(&bytes, "the file “solution.xml” in it is larger than it claims");
}

#[test]
fn files_that_lie_over_each_other_are_refused() {
    let mut bytes = package(&Manifest::default().xml(), EMPTY, &[("a.bin", b"1"), ("b.bin", b"2")]);
    let first = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let offset: [u8; 4] = bytes[first + 42..first + 46].try_into().unwrap();
    let record = last(&bytes, b"PK\x01\x02");
    bytes[record + 42..record + 46].copy_from_slice(&offset);
    refused(&bytes, "files in it lie over each other");
}

#[test]
fn encrypted_files_and_unknown_methods_are_refused() {
    for (at, value, sentence) in [(8, 1_u16, "is encrypted"), (10, 99, "packed with the unknown method 99")] {
        let mut bytes = sound();
        let record = last(&bytes, b"PK\x01\x02");
        bytes[record + at..record + at + 2].copy_from_slice(&value.to_le_bytes());
        refused(&bytes, sentence);
    }
}

fn with_limits(bytes: &[u8], limits: &Limits) -> PackageError {
    read(Cursor::new(bytes), limits).unwrap_err()
}

#[test]
fn every_limit_holds() {
    let bytes = package(&Manifest::default().xml(), EMPTY, &[("a/long/name.txt", b"0123456789")]);
    let plain = Limits::default();
    for (limits, sentence) in [
        (Limits { entries: 3, ..plain.clone() }, "more than 3 files"),
        (Limits { name_bytes: 12, entries: 10_000, ..plain.clone() }, "a file name of"),
        (Limits { entry_bytes: 9, ..plain.clone() }, "at most 9 are accepted"),
        (Limits { unpacked_bytes: 100, ..plain.clone() }, "at most 100 are accepted"),
        (Limits { work_bytes: 500, ..plain.clone() }, "more in it to read than is accepted"),
        (Limits { piece_bytes: 8, ..plain.clone() }, "too long to be read"),
        (Limits { depth: 2, ..plain.clone() }, "more than 2 elements within each other"),
    ] {
        let error = with_limits(&bytes, &limits);
        assert!(error.to_string().contains(sentence), "{sentence}: {error}");
    }
    let roots = r#"<RootComponent type="1" schemaName="a" /><RootComponent type="1" schemaName="b" />"#;
    let error = with_limits(
        &package(&Manifest { roots, ..Manifest::default() }.xml(), EMPTY, &[]),
        &Limits { items: 1, ..plain },
    );
    assert!(error.to_string().contains("more than 1 components"), "{error}");
}

#[test]
fn deep_xml_is_refused_in_either_file() {
    let deep = format!("<ImportExportXml>{}{}</ImportExportXml>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let manifest = Manifest::default().xml();
    for bytes in [package(&deep, EMPTY, &[]), package(&manifest, &deep, &[])] {
        let error = facts(&bytes).unwrap_err();
        assert_eq!(error.code(), ErrorCode::INVALID_XML);
        assert!(error.to_string().contains("more than 256 elements within each other"), "{error}");
    }
}

#[test]
fn a_piece_of_text_that_fills_the_memory_is_refused() {
    let noise: String = (0_u32..5 << 20)
        .map(|number| char::from(b'a' + u8::try_from(number.wrapping_mul(2_654_435_761) >> 28).unwrap()))
        .collect();
    let long = format!("<ImportExportXml><Entities>{}</Entities></ImportExportXml>", noise.repeat(4));
    let error = facts(&package(&Manifest::default().xml(), &long, &[])).unwrap_err();
    assert!(error.to_string().contains("too long to be read"), "{error}");
}

#[test]
fn entities_are_never_expanded() {
    let bomb = format!(
        r#"<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>{}"#,
        Manifest::default().xml().replace("Orders &amp; more", "&lol2;")
    );
    let outside = format!(r#"<!DOCTYPE x SYSTEM "file:///etc/passwd">{}"#, Manifest::default().xml());
    for manifest in [bomb, outside] {
        let error = facts(&package(&manifest, EMPTY, &[])).unwrap_err();
        assert_eq!(error.code(), ErrorCode::INVALID_XML);
        assert!(error.to_string().contains("document type definition"), "{error}");
    }
}

#[test]
fn a_name_without_end_is_refused_before_it_stands_with_everything() {
    let long = "a".repeat(2_000);
    let entity = |name: &str| {
        format!(
            "<ImportExportXml><Entities><Entity><Name>{name}</Name><EntityInfo><entity><attributes>\
             <attribute><LogicalName>b</LogicalName></attribute></attributes></entity></EntityInfo></Entity></Entities></ImportExportXml>"
        )
    };
    let manifest = Manifest::default().xml();
    assert_eq!(facts(&package(&manifest, &entity("short"), &[])).unwrap().components.len(), 2);
    let read = facts(&package(&manifest, &entity(&long), &[])).unwrap();
    assert!(read.components.is_empty());
    assert!(read.unreadable_files[0].message.contains("a name in it has 2000 bytes"), "{:?}", read.unreadable_files);
    let roots = format!(r#"<RootComponent type="1" schemaName="{long}" />"#);
    let error = facts(&package(&Manifest { roots: &roots, ..Manifest::default() }.xml(), EMPTY, &[])).unwrap_err();
    assert!(error.to_string().contains("a name in it has 2000 bytes"), "{error}");
}

#[test]
fn a_title_without_end_is_cut() {
    let long = "b".repeat(2_000);
    let customizations = format!(
        r#"<ImportExportXml><Workflows><Workflow WorkflowId="{{1}}" Name="{long}" /></Workflows></ImportExportXml>"#
    );
    let read = facts(&package(&Manifest::default().xml(), &customizations, &[])).unwrap();
    assert_eq!(read.workflow_details[0].name, format!("{}…", &long[..1_024]));
}

#[test]
fn an_attribute_that_stands_twice_is_refused_and_very_many_of_them_are_read() {
    let roots = r#"<RootComponent type="1" type="2" schemaName="a" />"#;
    let error = facts(&package(&Manifest { roots, ..Manifest::default() }.xml(), EMPTY, &[])).unwrap_err();
    assert!(error.to_string().contains("an attribute stands twice"), "{error}");
    let mut many = String::from(r#"<RootComponent type="1" schemaName="a""#);
    for number in 0..200_000 {
        let _ = write!(many, " a{number}=''");
    }
    many.push_str(" />");
    let read = facts(&package(&Manifest { roots: &many, ..Manifest::default() }.xml(), EMPTY, &[])).unwrap();
    assert_eq!(read.root_components.len(), 1);
}
