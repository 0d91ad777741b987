//! Packages made for tests.

use slipway_solution::{Limits, PackageError, pack, read};
use std::io::Cursor;

use model::package::PackageFacts;

pub const TYPES: &str = r#"<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/octet-stream" /></Types>"#;
pub const EMPTY: &str = "<ImportExportXml><Entities /></ImportExportXml>";

/// A manifest as the platform writes it, with the parts that tests vary.
pub struct Manifest<'a> {
    pub version: &'a str,
    pub managed: &'a str,
    pub roots: &'a str,
    pub missing: &'a str,
}

impl Default for Manifest<'_> {
    fn default() -> Self {
        Self { version: "1.0.0.3", managed: "0", roots: "", missing: "" }
    }
}

impl Manifest<'_> {
    pub fn xml(&self) -> String {
        let Self { version, managed, roots, missing } = self;
        format!(
            r#"<ImportExportXml version="9.2.25093.138" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="CrmLive" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SolutionManifest>
    <UniqueName>Orders</UniqueName>
    <LocalizedNames>
      <LocalizedName description="Ordrer" languagecode="1030" />
      <LocalizedName description="Orders &amp; more" languagecode="1033" />
    </LocalizedNames>
    <Descriptions><Description description="What is ordered" languagecode="1033" /></Descriptions>
    <Version>{version}</Version>
    <Managed>{managed}</Managed>
    <Publisher>
      <UniqueName>contoso</UniqueName>
      <LocalizedNames><LocalizedName description="Contoso" languagecode="1033" /></LocalizedNames>
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <CustomizationPrefix>new</CustomizationPrefix>
      <CustomizationOptionValuePrefix>84241</CustomizationOptionValuePrefix>
      <Addresses><Address><AddressNumber>1</AddressNumber><Name>Version</Name></Address></Addresses>
    </Publisher>
    <RootComponents>{roots}</RootComponents>
    <MissingDependencies>{missing}</MissingDependencies>
  </SolutionManifest>
</ImportExportXml>"#
        )
    }
}

/// A zip of files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pack(files, &mut bytes).unwrap();
    bytes.into_inner()
}

/// The bytes of a package of a manifest, customizations and other files.
pub fn package(manifest: &str, customizations: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let mut files: Vec<(&str, &[u8])> = vec![
        ("customizations.xml", customizations.as_bytes()),
        ("solution.xml", manifest.as_bytes()),
        ("[Content_Types].xml", TYPES.as_bytes()),
    ];
    files.extend_from_slice(others);
    zip(&files)
}

pub fn facts(bytes: &[u8]) -> Result<PackageFacts, PackageError> {
    read(Cursor::new(bytes), &Limits::default())
}

/// The facts of a package of a manifest and nothing else.
pub fn of_manifest(manifest: &str) -> Result<PackageFacts, PackageError> {
    facts(&package(manifest, EMPTY, &[]))
}

/// The facts of a package with customizations.
pub fn of_customizations(customizations: &str) -> PackageFacts {
    let customizations = format!("<ImportExportXml>{customizations}</ImportExportXml>");
    facts(&package(&Manifest::default().xml(), &customizations, &[])).unwrap()
}
