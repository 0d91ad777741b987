//! Small packages, made in the test.

use std::{fmt::Write, io::Cursor};

/// A package to make. Components are web resources.
#[derive(Clone, Debug)]
pub struct Sample {
    pub name: String,
    pub version: String,
    pub managed: bool,
    pub publisher: String,
    pub components: Vec<String>,
    /// Web resources that have to be in the target, with the `solution` attribute that names where they come from.
    pub dependencies: Vec<(String, String)>,
    /// Connection references, with their connectors.
    pub references: Vec<(String, String)>,
    /// Environment variables of type text.
    pub variables: Vec<String>,
}

/// A package of the publisher Contoso with some web resources.
pub fn sample(name: &str, version: &str, managed: bool, components: &[&str]) -> Sample {
    Sample {
        name: name.to_owned(),
        version: version.to_owned(),
        managed,
        publisher: "Contoso".to_owned(),
        components: components.iter().map(|&component| component.to_owned()).collect(),
        dependencies: Vec::new(),
        references: Vec::new(),
        variables: Vec::new(),
    }
}

impl Sample {
    pub fn needs(mut self, component: &str, solution: &str) -> Self {
        self.dependencies.push((component.to_owned(), solution.to_owned()));
        self
    }

    pub fn refers(mut self, reference: &str, connector: &str) -> Self {
        self.references.push((reference.to_owned(), connector.to_owned()));
        self
    }

    pub fn varies(mut self, variable: &str) -> Self {
        self.variables.push(variable.to_owned());
        self
    }

    /// The package's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut files = vec![
            ("[Content_Types].xml".to_owned(), CONTENT_TYPES.to_owned()),
            ("solution.xml".to_owned(), self.manifest()),
            ("customizations.xml".to_owned(), self.customizations()),
        ];
        files.extend(self.components.iter().map(|component| (format!("WebResources/{component}"), component.clone())));
        for variable in &self.variables {
            files.push((
                format!("environmentvariabledefinitions/{variable}/environmentvariabledefinition.xml"),
                format!(
                    "<environmentvariabledefinition schemaname=\"{variable}\"><displayname default=\"{variable}\"/><isrequired>0</isrequired><type>100000000</type></environmentvariabledefinition>"
                ),
            ));
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        let mut bytes = Cursor::new(Vec::new());
        solution::pack(&files, &mut bytes).expect("a package");
        bytes.into_inner()
    }

    fn manifest(&self) -> String {
        let mut components = String::new();
        for component in &self.components {
            write!(components, "<RootComponent type=\"61\" schemaName=\"{component}\" behavior=\"0\" />")
                .expect("text");
        }
        let mut dependencies = String::new();
        for (component, solution) in &self.dependencies {
            write!(
                dependencies,
                "<MissingDependency><Required type=\"61\" schemaName=\"{component}\" displayName=\"{component}\" solution=\"{solution}\" /><Dependent type=\"61\" schemaName=\"{}\" /></MissingDependency>",
                self.components.first().map_or("new_none", String::as_str)
            )
            .expect("text");
        }
        format!(
            "<ImportExportXml version=\"9.2.24011.1\" SolutionPackageVersion=\"9.2\" languagecode=\"1033\" generatedBy=\"CrmLive\"><SolutionManifest><UniqueName>{}</UniqueName><LocalizedNames><LocalizedName description=\"{} solution\" languagecode=\"1033\" /></LocalizedNames><Descriptions /><Version>{}</Version><Managed>{}</Managed><Publisher><UniqueName>{}</UniqueName><LocalizedNames><LocalizedName description=\"{} Ltd\" languagecode=\"1033\" /></LocalizedNames><Descriptions /><CustomizationPrefix>new</CustomizationPrefix><CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix></Publisher><RootComponents>{components}</RootComponents><MissingDependencies>{dependencies}</MissingDependencies></SolutionManifest></ImportExportXml>",
            self.name,
            self.name,
            self.version,
            u8::from(self.managed),
            self.publisher,
            self.publisher,
        )
    }

    fn customizations(&self) -> String {
        let mut resources = String::new();
        for component in &self.components {
            write!(
                resources,
                "<WebResource><WebResourceId>{{00000000-0000-0000-0000-000000000000}}</WebResourceId><Name>{component}</Name><WebResourceType>3</WebResourceType><FileName>/WebResources/{component}</FileName></WebResource>"
            )
            .expect("text");
        }
        let mut references = String::new();
        for (reference, connector) in &self.references {
            write!(
                references,
                "<connectionreference connectionreferencelogicalname=\"{reference}\"><connectionreferencedisplayname>{reference}</connectionreferencedisplayname><connectorid>{connector}</connectorid></connectionreference>"
            )
            .expect("text");
        }
        format!(
            "<ImportExportXml><Entities></Entities><WebResources>{resources}</WebResources><connectionreferences>{references}</connectionreferences></ImportExportXml>"
        )
    }
}

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/octet-stream\" /></Types>";
