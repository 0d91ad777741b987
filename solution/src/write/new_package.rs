//! Empty packages for new solutions.

use super::pack;
use crate::{Result, customizations, manifest, read::CONTENT_TYPES};
use model::{SolutionVersion, package::Publisher};
use quick_xml::escape::escape;
use std::io::{Seek, Write};

/// An empty unmanaged package to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// Unique name of the solution.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Version.
    pub version: SolutionVersion,
    /// Publisher.
    pub publisher: Publisher,
}

const TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="utf-8"?>"#,
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="xml" ContentType="application/octet-stream" /></Types>"#
);

const CUSTOMIZATIONS: &str = r#"<ImportExportXml xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Entities />
  <Roles />
  <Workflows />
  <FieldSecurityProfiles />
  <Templates />
  <EntityMaps />
  <EntityRelationships />
  <OrganizationSettings />
  <optionsets />
  <CustomControls />
  <EntityDataProviders />
  <Languages>
    <Language>1033</Language>
  </Languages>
</ImportExportXml>
"#;

/// Writes an empty unmanaged package in English (1033), the same bytes for the same solution.
pub fn write_new(new: &NewPackage, target: impl Write + Seek) -> Result<()> {
    let descriptions = if new.description.is_empty() {
        "<Descriptions />".to_owned()
    } else {
        format!(
            r#"<Descriptions>
      <Description description="{}" languagecode="1033" />
    </Descriptions>"#,
            attribute(&new.description)
        )
    };
    let solution = format!(
        r#"<ImportExportXml version="9.2.0.0" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="Slipway" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SolutionManifest>
    <UniqueName>{unique_name}</UniqueName>
    <LocalizedNames>
      <LocalizedName description="{display_name}" languagecode="1033" />
    </LocalizedNames>
    {descriptions}
    <Version>{version}</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>{publisher}</UniqueName>
      <LocalizedNames>
        <LocalizedName description="{publisher_name}" languagecode="1033" />
      </LocalizedNames>
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <SupportingWebsiteUrl xsi:nil="true"></SupportingWebsiteUrl>
      <CustomizationPrefix>{prefix}</CustomizationPrefix>
      <CustomizationOptionValuePrefix>{option_prefix}</CustomizationOptionValuePrefix>
      <Addresses />
    </Publisher>
    <RootComponents />
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>
"#,
        unique_name = escape(&new.unique_name),
        display_name = attribute(&new.display_name),
        version = escape(new.version.as_str()),
        publisher = escape(&new.publisher.unique_name),
        publisher_name = attribute(&new.publisher.display_name),
        prefix = escape(&new.publisher.prefix),
        option_prefix = new.publisher.option_value_prefix,
    );
    pack(
        &[
            (CONTENT_TYPES, TYPES.as_bytes()),
            (manifest::FILE, solution.as_bytes()),
            (customizations::FILE, CUSTOMIZATIONS.as_bytes()),
        ],
        target,
    )
}

/// A text inside an attribute. Line ends would become blanks if they were not written as references.
fn attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in escape(text).chars() {
        match character {
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            // XML has no place for other control characters.
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}
