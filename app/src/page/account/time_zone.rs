//! One's own time zone, in which one enters times and reads them.

use super::{AccountHeader, Part};
use crate::{
    components::{Appearance, Button, PostForm, TimeZoneSelect},
    context,
    error::AppError,
    form::{self, Form},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use pipelines::user;

/// Address of this page.
pub const PATH: &str = "/account/time-zone";
const FORM: &str = "time-zone";

/// Chooses one's own time zone.
#[server]
pub async fn save_time_zone(#[server(default)] time_zone: String) -> Result<(), AppError> {
    let result = async {
        user::set_time_zone(&context::host(), &context::caller()?, &time_zone).await?;
        form::notify("Your time zone was saved.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[("time_zone", time_zone.as_str())], result, |()| PATH.to_owned()).await
}

/// `/account/time-zone`
#[component]
pub fn TimeZonePage() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let zone = user::time_zone(&host, &caller).await?;
            Ok((zone.name().to_owned(), zone.show(host.clock().now()), form::returned(FORM).await))
        },
        |(zone, now, entered)| {
            view! {
                <AccountHeader title="Time zone" part=Part::TimeZone/>
                <div class="narrow">
                    <PostForm name=FORM action=SaveTimeZone::PATH entered=entered.clone()>
                        <TimeZoneSelect
                            value=entered.value("time_zone", &zone)
                            hint=format!("It is proposed to you wherever you enter a time. Now it is {now}.")
                            error=entered.error("time_zone")
                        />
                        <div class="buttons">
                            <Button appearance=Appearance::Primary>"Save"</Button>
                        </div>
                    </PostForm>
                </div>
            }
        },
    )
}
