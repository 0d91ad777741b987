//! Sending a file with its progress.

use leptos::prelude::*;

/// A form that sends one file. The browser's own form works by itself; awake, it shows the progress and says at the
/// field what is wrong.
#[island]
pub fn Upload(
    /// Where the file is sent, as `multipart/form-data`.
    action: String,
    /// Name of the field.
    name: String,
    /// Label of the field.
    label: String,
    /// What is accepted.
    hint: String,
    /// The most bytes the server takes.
    max_bytes: u64,
    /// What is wrong with the file sent before.
    error: Option<String>,
    /// Text of the button.
    button: String,
) -> impl IntoView {
    let error = RwSignal::new(error);
    let percent = RwSignal::new(None::<u32>);
    let sending = move || percent.get().is_some();
    let described_by = move || if error.with(Option::is_some) { "upload-error upload-hint" } else { "upload-hint" };
    let submit = move |event: leptos::ev::SubmitEvent| {
        #[cfg(feature = "hydrate")]
        browser::send(&event, max_bytes, error, percent);
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, max_bytes);
    };
    view! {
        <form method="post" enctype="multipart/form-data" class="form upload" action=action on:submit=submit>
            <div class="field">
                <label for="upload-file" class="required">{label}</label>
                <input
                    type="file"
                    id="upload-file"
                    name=name
                    required
                    accept=".zip,application/zip,application/x-zip-compressed"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                />
                <p class="error" id="upload-error" role="alert">{move || error.get()}</p>
                <p class="hint" id="upload-hint">{hint}</p>
            </div>
            <div class="progress" hidden=move || !sending()>
                <progress aria-label="Sending the file" max="100" value=move || percent.get().unwrap_or(0).to_string()></progress>
                <span>{move || format!("{}%", percent.get().unwrap_or(0))}</span>
            </div>
            <div class="buttons">
                <button type="submit" class="button primary" disabled=sending>{button}</button>
            </div>
        </form>
    }
}

/// What is said of a file that is too large to be sent.
#[cfg(feature = "hydrate")]
fn too_large(max_bytes: u64) -> String {
    let megabytes = max_bytes / 1024 / 1024;
    format!("The file is larger than the {megabytes} MB that may be uploaded here. Your administrator can raise this.")
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use model::Problem;
    use serde::Deserialize;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{FormData, HtmlFormElement, HtmlInputElement, ProgressEvent, SubmitEvent, XmlHttpRequest};

    #[derive(Deserialize)]
    struct Accepted {
        location: String,
    }

    pub fn send(event: &SubmitEvent, max_bytes: u64, error: RwSignal<Option<String>>, percent: RwSignal<Option<u32>>) {
        let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
        let (Ok(data), Ok(request)) = (FormData::new_with_form(&form), XmlHttpRequest::new()) else { return };
        if request.open("POST", &form.action()).is_err() {
            return;
        }
        event.prevent_default();
        if largest_file(&form) > max_bytes {
            error.set(Some(super::too_large(max_bytes)));
            return;
        }
        error.set(None);
        percent.set(Some(0));
        let _ = request.set_request_header("Accept", "application/json");
        if let Ok(upload) = request.upload() {
            let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
                if event.length_computable() && event.total() > 0.0 {
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
                    percent.set(Some((event.loaded() / event.total() * 100.0) as u32));
                }
            });
            upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
            progress.forget();
        }
        let answered = request.clone();
        let load = Closure::once_into_js(move || match outcome(&answered) {
            Ok(location) => {
                let _ = window().location().set_href(&location);
            }
            Err(problem) => {
                percent.set(None);
                error.set(Some(problem));
            }
        });
        request.set_onload(Some(load.unchecked_ref()));
        let failed = Closure::once_into_js(move || {
            percent.set(None);
            error.set(Some("The connection broke off. Try again, and see that the file is not larger than what may be uploaded here.".to_owned()));
        });
        request.set_onerror(Some(failed.unchecked_ref()));
        if request.send_with_opt_form_data(Some(&data)).is_err() {
            percent.set(None);
        }
    }

    /// Bytes of the largest file that is chosen.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole and not negative")]
    fn largest_file(form: &HtmlFormElement) -> u64 {
        let Ok(Some(files)) = form.query_selector("input[type=file]").map(|input| {
            input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()).and_then(|input| input.files())
        }) else {
            return 0;
        };
        (0..files.length()).filter_map(|index| files.get(index)).map(|file| file.size() as u64).max().unwrap_or(0)
    }

    fn outcome(request: &XmlHttpRequest) -> Result<String, String> {
        let status = request.status().unwrap_or(0);
        let text = request.response_text().ok().flatten().unwrap_or_default();
        if (200..300).contains(&status)
            && let Ok(accepted) = serde_json::from_str::<Accepted>(&text)
        {
            return Ok(accepted.location);
        }
        Err(serde_json::from_str::<Problem>(&text).map_or_else(
            |_| format!("The server did not take the file (status {status}). Try again."),
            |problem| problem.to_string(),
        ))
    }
}
