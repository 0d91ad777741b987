//! The parts pages are made of, in the words of Fluent 2, on native HTML. Each works with scripting off.
//!
//! Those that live parts of a page use are compiled for the browser, too.

#![allow(clippy::needless_pass_by_value, reason = "components take their properties by value")]

mod badge;
#[cfg(feature = "ssr")]
mod breadcrumb;
#[cfg(feature = "ssr")]
mod button;
#[cfg(feature = "ssr")]
mod card;
#[cfg(feature = "ssr")]
mod command_bar;
#[cfg(feature = "ssr")]
mod comparison;
#[cfg(feature = "ssr")]
mod description_list;
#[cfg(feature = "ssr")]
mod dialog;
#[cfg(feature = "ssr")]
mod field;
mod findings;
#[cfg(feature = "ssr")]
mod grid;
mod icon;
mod message_bar;
mod moment;
#[cfg(feature = "ssr")]
mod pager;
#[cfg(feature = "ssr")]
mod panel;
#[cfg(feature = "ssr")]
mod persona;
#[cfg(feature = "ssr")]
mod plot;
#[cfg(feature = "ssr")]
mod post_form;
mod progress_bar;
#[cfg(feature = "ssr")]
mod search_box;
#[cfg(feature = "ssr")]
mod stepper;
#[cfg(feature = "ssr")]
mod tabs;
#[cfg(feature = "ssr")]
mod time_zone;

pub use badge::{Badge, Intent, StatusBadge, ValidationBadge};
#[cfg(feature = "ssr")]
pub use breadcrumb::{Breadcrumb, Crumb};
#[cfg(feature = "ssr")]
pub use button::{Appearance, Button, LinkButton};
#[cfg(feature = "ssr")]
pub use card::Card;
#[cfg(feature = "ssr")]
pub use command_bar::{Command, CommandBar, CommandLink};
#[cfg(feature = "ssr")]
pub use comparison::ComparisonView;
#[cfg(feature = "ssr")]
pub use description_list::{DescriptionList, Fact};
#[cfg(feature = "ssr")]
pub use dialog::{Dialog, DialogButton};
#[cfg(feature = "ssr")]
pub use field::{Checkbox, Choice, HiddenField, LockedField, Select, TextArea, TextField};
pub use findings::{Findings, Remedies};
#[cfg(feature = "ssr")]
pub use grid::{Column, Grid};
pub use icon::Icon;
pub use message_bar::MessageBar;
pub use moment::Moment;
#[cfg(feature = "ssr")]
pub use pager::Pager;
#[cfg(feature = "ssr")]
pub use panel::Panel;
#[cfg(feature = "ssr")]
pub use persona::PersonaInitials;
#[cfg(feature = "ssr")]
pub use plot::{Bar, BarPlot};
#[cfg(feature = "ssr")]
pub use post_form::PostForm;
pub use progress_bar::ProgressBar;
#[cfg(feature = "ssr")]
pub use search_box::SearchBox;
#[cfg(feature = "ssr")]
pub use stepper::{StepItem, StepState, Stepper};
#[cfg(feature = "ssr")]
pub use tabs::{Tab, Tabs};
#[cfg(feature = "ssr")]
pub use time_zone::TimeZoneSelect;

#[cfg(all(test, feature = "ssr"))]
mod tests;
