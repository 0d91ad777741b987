//! Moments in the reader's own time zone.

use leptos::prelude::*;

/// Shows every `<time data-moment>` of the page in the reader's time zone, with a relative part that stays up to date.
#[island]
pub fn LocalTime() -> impl IntoView {
    Effect::new(|| {
        #[cfg(feature = "hydrate")]
        browser::keep_up_to_date();
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Array, Date, Object, Reflect};
    use leptos::prelude::document;
    use model::Timestamp;
    use std::time::Duration;
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use web_sys::{Element, MutationObserver, MutationObserverInit};

    const EVERY: Duration = Duration::from_secs(30);

    pub fn keep_up_to_date() {
        show();
        // Also for parts of the page that are exchanged later. What is shown already is not written again, so the
        // observer comes to rest.
        let changed = Closure::<dyn Fn()>::new(show);
        if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document().body())
        {
            let what = MutationObserverInit::new();
            what.set_child_list(true);
            what.set_subtree(true);
            what.set_character_data(true);
            let _ = observer.observe_with_options(&body, &what);
        }
        changed.forget();
        let _ = leptos::prelude::set_interval(show, EVERY);
    }

    fn show() {
        let Ok(moments) = document().query_selector_all("time[data-moment]") else { return };
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit by far")]
        let now = Timestamp(Date::now() as i64);
        for index in 0..moments.length() {
            if let Some(moment) = moments.item(index).and_then(|node| node.dyn_into::<Element>().ok())
                && let Some(text) = text(&moment, now)
                && moment.text_content().as_deref() != Some(text.as_str())
            {
                moment.set_text_content(Some(&text));
            }
        }
    }

    fn text(moment: &Element, now: Timestamp) -> Option<String> {
        let date = Date::new(&JsValue::from_str(&moment.get_attribute("datetime")?));
        if date.get_time().is_nan() {
            return None;
        }
        let local = local(&date)?;
        if moment.get_attribute("data-moment").as_deref() != Some("relative") {
            return Some(local);
        }
        #[allow(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit by far")]
        let at = Timestamp(date.get_time() as i64);
        Some(format!("{local} ({})", at.relative_to(now)))
    }

    /// `Oct 24, 2025 5:46 PM`, in the reader's time zone.
    fn local(date: &Date) -> Option<String> {
        let options = Object::new();
        for (name, value) in
            [("year", "numeric"), ("month", "short"), ("day", "numeric"), ("hour", "numeric"), ("minute", "2-digit")]
        {
            Reflect::set(&options, &name.into(), &value.into()).ok()?;
        }
        let format = js_sys::Intl::DateTimeFormat::new(&Array::of1(&"en-US".into()), &options);
        let text = format.format().call1(&JsValue::UNDEFINED, date).ok()?.as_string()?;
        Some(text.rsplit_once(", ").map_or_else(|| text.clone(), |(day, time)| format!("{day} {time}")))
    }
}
