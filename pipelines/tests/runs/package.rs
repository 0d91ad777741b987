//! Packages for tests, made of the demo's own files.

use environment::{PackageStoreError, StoredPackage};
use slipway_pipelines::Host;
use std::{fs::File, path::Path};

/// A package to make: the demo's solution, or one like it.
#[derive(Clone, Debug)]
pub struct Package {
    name: String,
    version: String,
    managed: bool,
    icon: String,
    needs: Option<String>,
    table: Option<(String, String)>,
    secret: bool,
    component: Option<(u32, String)>,
}

impl Package {
    /// The demo's solution under another unique name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: "1.0.0.0".to_owned(),
            managed: false,
            icon: "<svg/>".to_owned(),
            needs: None,
            table: None,
            secret: false,
            component: None,
        }
    }

    /// With another version.
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// Managed.
    pub fn managed(mut self) -> Self {
        self.managed = true;
        self
    }

    /// With other content.
    pub fn icon(mut self, icon: &str) -> Self {
        icon.clone_into(&mut self.icon);
        self
    }

    /// With a table of another solution that has to be in the target.
    pub fn needs(mut self, solution: &str) -> Self {
        self.needs = Some(solution.to_owned());
        self
    }

    /// With another table in place of the demo's.
    pub fn table(mut self, prefix: &str, name: &str) -> Self {
        self.table = Some((prefix.to_owned(), name.to_owned()));
        self
    }

    /// With one more component, of a type by its number.
    pub fn component(mut self, kind: u32, name: &str) -> Self {
        self.component = Some((kind, name.to_owned()));
        self
    }

    /// With a secret variable.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Puts the package into the store of a host.
    pub async fn store(&self, host: &Host) -> StoredPackage {
        let files = self.files();
        let pack = move |file: &mut File| -> Result<(), PackageStoreError> {
            let files: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
            Ok(solution::pack(&files, file)?)
        };
        host.packages().put_with(pack).await.expect("a stored package")
    }

    fn files(&self) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pipelines/demo");
        let mut files = Vec::new();
        gather(&folder, "", &mut files);
        for (name, content) in &mut files {
            match name.as_str() {
                "solution.xml" => *content = self.manifest(content),
                name if name.starts_with("WebResources/") => self.icon.clone_into(content),
                _ => {}
            }
            if let Some((prefix, table)) = &self.table {
                let physical = format!("{prefix}_{table}");
                *content =
                    content.replace("contoso_Expense", &physical).replace("contoso_expense", &physical.to_lowercase());
            }
        }
        if self.secret {
            let definition = "<environmentvariabledefinition schemaname=\"contoso_Key\"><displayname default=\"Key\">\
                              <label description=\"Key\" languagecode=\"1033\" /></displayname><isrequired>0</isrequired>\
                              <secretstore>0</secretstore><type>100000005</type></environmentvariabledefinition>";
            let name = "environmentvariabledefinitions/contoso_Key/environmentvariabledefinition.xml";
            files.push((name.to_owned(), definition.to_owned()));
        }
        files
    }

    fn manifest(&self, manifest: &str) -> String {
        let component = self
            .component
            .as_ref()
            .map(|(kind, name)| format!("<RootComponent type=\"{kind}\" schemaName=\"{name}\" behavior=\"0\" />"));
        let managed = format!("<Managed>{}</Managed>", u8::from(self.managed));
        let manifest = manifest
            .replace("<UniqueName>ContosoExpenses<", &format!("<UniqueName>{}<", self.name))
            .replace("</RootComponents>", &format!("{}</RootComponents>", component.unwrap_or_default()))
            .replace("<Version>1.0.0.0<", &format!("<Version>{}<", self.version))
            .replace("<Managed>0</Managed>", &managed);
        let Some(solution) = &self.needs else { return manifest };
        let missing = format!(
            "<MissingDependencies><MissingDependency><Required type=\"1\" schemaName=\"fabrikam_rate\" \
             displayName=\"Rate\" solution=\"{solution} (1.0.0.0)\" /><Dependent type=\"1\" \
             schemaName=\"contoso_expense\" displayName=\"Expense\" /></MissingDependency></MissingDependencies>"
        );
        manifest.replace("<MissingDependencies />", &missing)
    }
}

fn gather(folder: &Path, within: &str, files: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("the demo").map(|entry| entry.expect("a file")).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, std::fs::read_to_string(entry.path()).expect("text")));
        }
    }
}
