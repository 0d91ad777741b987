//! A part of a page that follows the server.

use leptos::prelude::*;

/// Streams a region follows at most: browsers keep six connections to a server, and some are needed for pages.
const MOST_STREAMS: usize = 3;

/// A part of a page that follows the server: on every word of a stream of server-sent events, the page is fetched
/// again and this part exchanged. Its content comes from the server and holds no other island.
#[island]
pub fn LiveRegion(
    /// Id of the region, the same whenever the page is rendered.
    id: String,
    /// Streams with events `update` and, at the end, `end`. None when there is nothing to follow; the region can still
    /// be refreshed by others. No more than [`MOST_STREAMS`] are followed.
    events: Vec<String>,
    /// What the region is, for screen readers; they are told of changes when it is given.
    label: Option<String>,
    /// What the server rendered.
    children: Children,
) -> impl IntoView {
    let followed: Vec<_> = events.into_iter().take(MOST_STREAMS).collect();
    Effect::new({
        let id = id.clone();
        move || {
            #[cfg(feature = "hydrate")]
            for events in &followed {
                browser::follow(events, &id);
            }
            #[cfg(not(feature = "hydrate"))]
            let _ = (&id, &followed);
        }
    });
    let live = label.as_ref().map(|_| "polite");
    let role = label.as_ref().map(|_| "region");
    view! { <div class="live-region" id=id role=role aria-label=label aria-live=live>{children()}</div> }
}

#[cfg(feature = "hydrate")]
pub use browser::refresh;

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::{document, set_timeout, window};
    use std::{cell::RefCell, collections::HashSet, time::Duration};
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{Document, Element, EventSource, XmlHttpRequest, XmlHttpRequestResponseType};

    /// Several words in a row are one refresh.
    const GATHER: Duration = Duration::from_millis(200);

    thread_local! {
        static WAITING: RefCell<HashSet<String>> = RefCell::default();
    }

    pub(super) fn follow(events: &str, id: &str) {
        let Ok(source) = EventSource::new(events) else { return };
        let region = id.to_owned();
        let update = Closure::<dyn Fn()>::new(move || refresh(&region));
        let ended = source.clone();
        let region = id.to_owned();
        let end = Closure::<dyn Fn()>::new(move || {
            ended.close();
            refresh(&region);
        });
        let _ = source.add_event_listener_with_callback("update", update.as_ref().unchecked_ref());
        let _ = source.add_event_listener_with_callback("end", end.as_ref().unchecked_ref());
        // The page keeps them for as long as it lives.
        update.forget();
        end.forget();
    }

    /// Has a part of the page, named by its id, fetched again. Several asked for together come with one page.
    pub fn refresh(id: &str) {
        let first = WAITING.with_borrow_mut(|waiting| {
            let first = waiting.is_empty();
            waiting.insert(id.to_owned());
            first
        });
        if first {
            let _ = set_timeout(|| fetch(WAITING.take()), GATHER);
        }
    }

    fn fetch(ids: HashSet<String>) {
        let (Ok(request), Ok(address)) = (XmlHttpRequest::new(), window().location().href()) else { return };
        if request.open("GET", &address).is_err() {
            return;
        }
        request.set_response_type(XmlHttpRequestResponseType::Document);
        let _ = request.set_request_header("Accept", "text/html");
        let _ = request.set_request_header("x-slipway-live", "1");
        let answered = request.clone();
        let load = Closure::once_into_js(move || {
            // Signed out, or gone: the page itself says so.
            if matches!(answered.status(), Ok(401 | 403 | 404)) {
                let _ = window().location().reload();
                return;
            }
            let Some(fetched) = answered.response().ok().and_then(|page| page.dyn_into::<Document>().ok()) else {
                // Left to the next word of the stream; a page that is being left must not be called back.
                return;
            };
            for id in &ids {
                if let (Some(old), Some(new)) = (document().get_element_by_id(id), fetched.get_element_by_id(id)) {
                    exchange(&old, &new);
                }
            }
        });
        request.set_onload(Some(load.unchecked_ref()));
        let _ = request.send();
    }

    /// Takes over the content of the fetched region, unless it is the same, which keeps focus and selection.
    fn exchange(old: &Element, new: &Element) {
        let (old, new) = (content(old), content(new));
        if old.inner_html() == new.inner_html() {
            return;
        }
        let focused =
            document().active_element().filter(|element| old.contains(Some(element))).map(|element| element.id());
        old.set_inner_html(&new.inner_html());
        if let Some(id) = focused.filter(|id| !id.is_empty())
            && let Some(element) = document().get_element_by_id(&id)
            && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = element.focus();
        }
    }

    /// The element of the region that holds what the server rendered.
    fn content(region: &Element) -> Element {
        region.query_selector("leptos-children").ok().flatten().unwrap_or_else(|| region.clone())
    }
}
