#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use futures::TryStreamExt;
use proptest::prelude::*;
use serde_json::json;

fn pieces(body: &[u8], size: usize) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let pieces: Vec<_> = body.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

async fn read(body: &[u8], size: usize) -> io::Result<(Option<Vec<u8>>, serde_json::Value)> {
    let mut incoming = Incoming::new(pieces(body, size), "File", 10_000);
    let content = match incoming.content().await? {
        Some(content) => Some(
            content
                .try_fold(Vec::new(), |mut all, piece| async move {
                    all.extend_from_slice(&piece);
                    Ok(all)
                })
                .await?,
        ),
        None => None,
    };
    Ok((content, incoming.rest()?))
}

#[tokio::test]
async fn the_file_is_taken_out_and_the_rest_stays() {
    let body = br#" { "a" : {"File":"not this"}, "b":["File", ":"], "\"File": "nor this", "File" : "aGVsbG8gd29ybGQ=" , "c": "x\\\"" } "#;
    for size in 1..body.len() {
        let (file, rest) = read(body, size).await.unwrap();
        assert_eq!(file.as_deref(), Some(b"hello world".as_slice()), "pieces of {size}");
        let expected =
            json!({"a": {"File": "not this"}, "b": ["File", ":"], "\"File": "nor this", "File": "", "c": "x\\\""});
        assert_eq!(rest, expected);
    }
}

#[tokio::test]
async fn escapes_that_other_writers_use_are_read() {
    let (file, _) = read(br#"{"File":"\u002B\/8=\r\n"}"#, 3).await.unwrap();
    assert_eq!(file.unwrap(), STANDARD.decode("+/8=").unwrap());
}

#[tokio::test]
async fn a_body_without_the_file_has_no_content() {
    for body in ["{}", "", r#"{"a":1}"#, r#"{"File":null,"b":"c"}"#, r#"["File","aGVsbG8="]"#, r#"{"File":""}"#] {
        let (file, _) = read(body.as_bytes(), 4).await.unwrap();
        assert_eq!(file, None, "{body}");
    }
}

#[tokio::test]
async fn what_is_damaged_or_too_long_is_refused() {
    for body in [r#"{"File":"a$b="}"#, r#"{"File":"aGVsbG8"#, r#"{"File":"\x"}"#, r#"{"File":"aGVsb"}"#, r#"{"a":"b"#] {
        assert!(read(body.as_bytes(), 5).await.is_err(), "{body}");
    }
    let long = format!(r#"{{"a":"{}","File":"aGVsbG8="}}"#, "x".repeat(20_000));
    assert!(read(long.as_bytes(), 100).await.is_err());
}

proptest! {
    #[test]
    fn what_is_sent_is_read_again(bytes in proptest::collection::vec(any::<u8>(), 0..200_000), size in 1_usize..70_000, text in ".{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            std::fs::write(&path, &bytes).unwrap();
            let object = json!({"Text": text, "Number": 1});
            let file = tokio::fs::File::open(&path).await.unwrap();
            let outgoing = Outgoing::new(object.as_object().unwrap(), "File", file, bytes.len() as u64);
            let length = outgoing.length();
            let body: Vec<Bytes> = outgoing.stream().try_collect().await.unwrap();
            let body = body.concat();
            assert_eq!(body.len() as u64, length);
            let (read_bytes, rest) = read(&body, size).await.unwrap();
            assert_eq!(read_bytes.unwrap_or_default(), bytes);
            assert_eq!((&rest["Text"], &rest["Number"]), (&json!(text), &json!(1)));
        });
    }
}
