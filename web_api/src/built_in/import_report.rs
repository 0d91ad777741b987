//! What an import job says of itself: the XML of `importjob.data` and of `RetrieveFormattedImportJobResults`.

use environment::{ImportJob, ImportStatus};
use model::Timestamp;
use std::fmt::Write;

/// .NET's ticks (of 100 nanoseconds, since the year 1) at the beginning of 1970.
const TICKS_1970: i64 = 621_355_968_000_000_000;

/// `importjob.data`.
pub fn data(job: &ImportJob) -> String {
    let mut xml = String::new();
    let done = job.status != ImportStatus::Running;
    let stop = job.ended.map_or_else(String::new, |ended| format!(" stop=\"{}\"", ticks(ended)));
    // Writing to a String does not fail.
    let _ = write!(
        xml,
        "<importexportxml start=\"{}\"{stop} progress=\"{}\" processed=\"{done}\"{}><solutionManifests><solutionManifest id=\"{}\" LocalizedName=\"{}\" processed=\"{done}\">",
        ticks(job.started),
        job.progress,
        if job.status == ImportStatus::Failed { " succeeded=\"failure\"" } else { "" },
        escape(&job.solution),
        escape(&job.solution),
    );
    let ended = job.ended.unwrap_or(job.started);
    match job.status {
        ImportStatus::Running => xml.push_str("<results />"),
        ImportStatus::Succeeded => {
            let _ = write!(
                xml,
                "<results /><result result=\"success\" errorcode=\"0\" errortext=\"\" datetimeticks=\"{}\" />",
                ticks(ended)
            );
        }
        ImportStatus::Failed => {
            let code = job.code.unwrap_or(model::ErrorCode::IMPORT_FAILED);
            let _ = write!(
                xml,
                "<results /><result result=\"failure\" errorcode=\"{code}\" errortext=\"{}\" datetimeticks=\"{}\" />",
                escape(&format!("Solution manifest import: FAILURE: {}", job.message)),
                ticks(ended)
            );
        }
    }
    xml.push_str("</solutionManifest></solutionManifests></importexportxml>");
    xml
}

/// The workbook that people open in a spreadsheet.
pub fn formatted(job: &ImportJob) -> String {
    let cell = |text: &str| format!("<Cell><Data ss:Type=\"String\">{}</Data></Cell>", escape(text));
    let row = |cells: &[&str]| format!("<Row>{}</Row>", cells.iter().map(|text| cell(text)).collect::<String>());
    let status = match job.status {
        ImportStatus::Running => "Processing",
        ImportStatus::Succeeded => "Success",
        ImportStatus::Failed => "Failure",
    };
    let code = job.code.map(|code| code.to_string()).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"Solution\"><Table>{}{}</Table></Worksheet></Workbook>",
        row(&["Solution", "Status", "Progress", "Error code", "Message"]),
        row(&[&job.solution, status, &job.progress.to_string(), &code, &job.message]),
    )
}

fn ticks(moment: Timestamp) -> i64 {
    moment.0.saturating_mul(10_000).saturating_add(TICKS_1970)
}

/// Text within XML. What XML cannot hold at all is left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}
