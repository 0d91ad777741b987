//! Packages written by Slipway.

use crate::{
    fixture::{EMPTY, Manifest, facts, package},
    shared::zips,
};
use model::{
    SolutionVersion,
    package::{PackageFacts, Publisher},
};
use proptest::prelude::*;
use slipway_solution::{Changes, Limits, NewPackage, pack, read, rewrite, write_new};
use std::{
    fs,
    io::{Cursor, Read},
};
use zip::ZipArchive;

fn rewritten(bytes: &[u8], changes: &Changes) -> Vec<u8> {
    let mut target = Cursor::new(Vec::new());
    rewrite(Cursor::new(bytes), &mut target, changes).unwrap();
    target.into_inner()
}

fn version(text: &str) -> SolutionVersion {
    text.parse().unwrap()
}

/// Everything an independent reader of zips sees of an entry, with its content as it is packed.
#[derive(Debug, PartialEq)]
struct Seen {
    name: Vec<u8>,
    method: String,
    modified: Option<zip::DateTime>,
    extra: Option<Vec<u8>>,
    crc: u32,
    comment: String,
    packed: Vec<u8>,
}

fn seen(bytes: &[u8]) -> Vec<Seen> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index_raw(index).unwrap();
            let mut packed = Vec::new();
            entry.read_to_end(&mut packed).unwrap();
            Seen {
                name: entry.name_raw().to_vec(),
                method: format!("{:?}", entry.compression()),
                modified: entry.last_modified(),
                extra: entry.extra_data(),
                crc: entry.crc32(),
                comment: entry.comment().to_owned(),
                packed,
            }
        })
        .collect()
}

fn content(bytes: &[u8], name: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut content = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// The facts without what a rewriting may change.
fn unchanged(facts: &PackageFacts) -> PackageFacts {
    PackageFacts { version: version("0.0"), managed: false, packed_bytes: 0, unpacked_bytes: 0, ..facts.clone() }
}

#[test]
fn only_the_version_and_the_managed_mark_change_in_the_manifest() {
    let manifest = format!(
        "\u{feff}<?xml version=\"1.0\"?>\r\n{}\r\n<!-- end -->",
        Manifest { version: " 1.0.0.3\n", ..Manifest::default() }.xml()
    );
    let after =
        rewritten(&package(&manifest, EMPTY, &[]), &Changes { version: Some(version("2.0.0.1")), managed: Some(true) });
    let expected = manifest.replace(" 1.0.0.3\n", "2.0.0.1").replace("<Managed>0<", "<Managed>1<");
    assert_eq!(String::from_utf8(content(&after, "solution.xml")).unwrap(), expected);
    let facts = facts(&after).unwrap();
    assert_eq!((facts.version.as_str(), facts.managed), ("2.0.0.1", true));
}

#[test]
fn a_package_written_again_without_changes_says_the_same() {
    let before = package(&Manifest::default().xml(), EMPTY, &[]);
    let after = rewritten(&before, &Changes::default());
    assert_eq!(content(&after, "solution.xml"), content(&before, "solution.xml"));
    assert_eq!(rewritten(&after, &Changes::default()), after);
}

#[test]
fn every_real_package_is_written_again_with_all_else_as_it_was() {
    for path in zips("samples/solutions") {
        let name = path.display();
        let before = fs::read(&path).unwrap();
        let facts = facts(&before).unwrap();
        let changes = Changes { version: Some(facts.version.next()), managed: Some(!facts.managed) };
        let after = rewritten(&before, &changes);
        let found = crate::fixture::facts(&after).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&found.version, found.managed), (&facts.version.next(), !facts.managed), "{name}");
        assert_eq!(unchanged(&found), unchanged(&facts), "{name}");
        if !facts.unreadable_files.is_empty() {
            // The independent reader does not open one of them.
            continue;
        }
        let (entries, again) = (seen(&before), seen(&after));
        assert_eq!(entries.len(), again.len(), "{name}");
        for (before, after) in entries.into_iter().zip(again) {
            let is_manifest = before.name == b"solution.xml";
            if is_manifest {
                assert_eq!((&before.method, &before.modified), (&after.method, &after.modified), "{name}");
            } else {
                assert_eq!(before, after, "{name}");
            }
        }
        content(&after, "solution.xml");
    }
}

#[test]
fn sizes_behind_the_content_and_comments_are_kept() {
    // A writer that cannot go back puts sizes behind the content.
    let mut writer = zip::ZipWriter::new_stream(Vec::new());
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let manifest = Manifest::default().xml();
    for (name, content) in
        [("solution.xml", manifest.as_str()), ("customizations.xml", EMPTY), ("[Content_Types].xml", "<Types />")]
    {
        writer.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut writer, content.as_bytes()).unwrap();
    }
    writer.set_comment("from Contoso").unwrap();
    let before = writer.finish().unwrap().into_inner();
    let after = rewritten(&before, &Changes { version: Some(version("10.20.30.40000")), managed: None });
    assert_eq!(facts(&after).unwrap().version, version("10.20.30.40000"));
    assert_eq!(ZipArchive::new(Cursor::new(&after)).unwrap().comment(), b"from Contoso");
    assert_eq!(content(&after, "customizations.xml"), EMPTY.as_bytes());
}

#[test]
fn a_new_solution_is_an_empty_unmanaged_package() {
    let new = NewPackage {
        unique_name: "Orders".to_owned(),
        display_name: "Orders & <more> \"quoted\"".to_owned(),
        description: "First line\nsecond line".to_owned(),
        version: version("1.0.0.0"),
        publisher: Publisher {
            unique_name: "contoso".to_owned(),
            display_name: "Contoso's".to_owned(),
            prefix: "new".to_owned(),
            option_value_prefix: 10_000,
        },
    };
    let mut bytes = Cursor::new(Vec::new());
    write_new(&new, &mut bytes).unwrap();
    let facts = read(bytes, &Limits::default()).unwrap();
    assert_eq!((facts.unique_name.as_str(), facts.display_name.as_str()), ("Orders", new.display_name.as_str()));
    assert_eq!(facts.description, new.description);
    assert_eq!(facts.publisher_details, new.publisher);
    assert!(!facts.managed && facts.components.is_empty() && facts.unreadable_files.is_empty());
}

#[test]
fn the_same_files_make_the_same_zip_and_others_can_read_it() {
    let long = vec![7; 70_000];
    let files: [(&str, &[u8]); 3] = [("a.txt", b"a"), ("b/c.txt", b""), ("ü.txt", &long)];
    let make = || {
        let mut bytes = Cursor::new(Vec::new());
        pack(&files, &mut bytes).unwrap();
        bytes.into_inner()
    };
    let bytes = make();
    assert_eq!(bytes, make());
    let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(archive.len(), 3);
    for (index, (name, expected)) in files.iter().enumerate() {
        let mut entry = archive.by_index(index).unwrap();
        assert_eq!(entry.name().unwrap(), *name);
        let mut found = Vec::new();
        entry.read_to_end(&mut found).unwrap();
        assert_eq!(found, *expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn writing_again_changes_nothing_but_what_was_asked(
        parts in any::<[u32; 4]>(),
        managed in any::<Option<bool>>(),
        first in "[0-9]{1,4}\\.[0-9]{1,4}(\\.[0-9]{1,4}){0,2}",
        was_managed in any::<bool>(),
        marked in any::<bool>(),
        others in proptest::collection::btree_map("[a-z]{1,8}/[a-z]{1,8}\\.bin", proptest::collection::vec(any::<u8>(), 0..2000), 0..5),
    ) {
        let manifest = Manifest { version: &first, managed: if was_managed { "1" } else { "0" }, ..Manifest::default() }.xml();
        let manifest = if marked { format!("\u{feff}{manifest}") } else { manifest };
        let others: Vec<_> = others.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        let before = package(&manifest, EMPTY, &others);
        let asked = SolutionVersion::from(parts);
        let after = rewritten(&before, &Changes { version: Some(asked.clone()), managed });
        let (was, is) = (facts(&before).unwrap(), facts(&after).unwrap());
        prop_assert_eq!(&is.version, &asked);
        prop_assert_eq!(is.managed, managed.unwrap_or(was.managed));
        prop_assert_eq!(unchanged(&is), unchanged(&was));
        let others = |bytes: &[u8]| seen(bytes).into_iter().filter(|entry| entry.name != b"solution.xml").collect::<Vec<_>>();
        prop_assert_eq!(others(&after), others(&before));
        // And back again.
        let back = rewritten(&after, &Changes { version: Some(was.version.clone()), managed: Some(was.managed) });
        prop_assert_eq!(back, rewritten(&before, &Changes::default()));
    }
}

#[test]
fn a_version_that_cannot_be_replaced_is_refused() {
    for spelling in ["1.0.0.&#51;", "<![CDATA[1.0]]>.0.3"] {
        let manifest = Manifest { version: spelling, ..Manifest::default() }.xml();
        let bytes = package(&manifest, EMPTY, &[]);
        assert_eq!(facts(&bytes).unwrap().version, version("1.0.0.3"));
        let changes = Changes { version: Some(version("2.0.0.0")), managed: None };
        let error = rewrite(Cursor::new(&bytes), Cursor::new(Vec::new()), &changes).unwrap_err();
        assert!(error.to_string().contains("its version"), "{error}");
    }
}
