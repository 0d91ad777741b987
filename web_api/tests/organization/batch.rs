use crate::bed::Bed;
use http::{Method, StatusCode};
use serde_json::json;

async fn send(bed: &Bed, body: &str, more: &[(&str, &str)]) -> crate::bed::Reply {
    let bearer = format!("Bearer {}", bed.token);
    let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "multipart/mixed; boundary=\"b1\"")];
    headers.extend_from_slice(more);
    let address = format!("/environments/{}/api/data/v9.2/$batch", bed.id);
    bed.send(Method::POST, &address, &headers, body.replace('\n', "\r\n")).await
}

const PUBLISHER: &str = r#"{"uniquename":"fabrikam","friendlyname":"Fabrikam","customizationprefix":"fab","customizationoptionvalueprefix":20000}"#;

fn change_set(solution: &str) -> String {
    format!(
        "--b1\nContent-Type: multipart/mixed; boundary=c1\n\n--c1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\nContent-ID: 1\n\nPOST publishers HTTP/1.1\nContent-Type: application/json\n\n{PUBLISHER}\n--c1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\nContent-ID: 2\n\nPOST /api/data/v9.2/solutions HTTP/1.1\nContent-Type: application/json\n\n{solution}\n--c1--\n--b1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\nGET http://api.test/api/data/v9.2/solutions?$select=uniquename HTTP/1.1\nAccept: application/json\n\n--b1--\n"
    )
}

#[tokio::test]
async fn a_change_set_is_done_as_a_whole_and_later_requests_see_it() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let solution =
            json!({"uniquename": "Orders", "version": "1.0.0.0", "publisherid@odata.bind": "$1"}).to_string();
        let reply = send(&bed, &change_set(&solution), &[]).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        assert!(
            reply.headers["content-type"].to_str().unwrap().starts_with("multipart/mixed; boundary=batchresponse_")
        );
        assert_eq!(reply.text.matches("HTTP/1.1 204 No Content").count(), 2, "{}", reply.text);
        assert!(reply.text.contains("Content-ID: 2") && reply.text.contains("OData-EntityId: "), "{}", reply.text);
        assert!(reply.text.contains("\"uniquename\":\"Orders\""), "{}", reply.text);
    })
    .await;
}

#[tokio::test]
async fn a_change_set_with_a_refusal_does_nothing() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        for solution in [
            json!({"uniquename": "1 bad name", "version": "1.0.0.0", "publisherid@odata.bind": "$1"}),
            json!({"uniquename": "Orders", "version": "1.0.0.0", "publisherid@odata.bind": "$7"}),
            json!({"uniquename": "Orders", "colour": "red", "publisherid@odata.bind": "$1"}),
        ] {
            let reply = send(&bed, &change_set(&solution.to_string()), &[]).await;
            assert!(reply.text.contains("HTTP/1.1 400 Bad Request"), "{}", reply.text);
            assert!(!reply.text.contains("200 OK"), "what follows a failure is not done: {}", reply.text);
            assert!(bed.rows("publishers").await.is_empty());
        }
        let bad = json!({"uniquename": "1 bad name", "publisherid@odata.bind": "$1"});
        let reply = send(&bed, &change_set(&bad.to_string()), &[("prefer", "odata.continue-on-error")]).await;
        assert!(reply.text.contains("400 Bad Request") && reply.text.contains("200 OK"), "{}", reply.text);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    for body in ["", "nonsense", "--b1\n\nGET", "--b1\nContent-Type: application/http\n\nnonsense\n--b1--\n"] {
        assert_eq!(send(&bed, body, &[]).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let many = format!("{}--b1--\n", "--b1\nContent-Type: application/http\n\nGET WhoAmI HTTP/1.1\n\n".repeat(1001));
    assert_eq!(send(&bed, &many, &[]).await.status, StatusCode::BAD_REQUEST);
}
