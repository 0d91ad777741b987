//! Whether an environment can be used, step by step, with the reason where it cannot.

use super::DataverseEnvironment;
use crate::Checked;
use serde_json::Value;

/// Roles with which solutions can be exported and imported whatever is in them.
const ROLES: [&str; 2] = ["System Administrator", "System Customizer"];

impl DataverseEnvironment {
    /// Tries to use the environment.
    pub(super) async fn try_out(&self) -> Vec<Checked> {
        let mut steps = Vec::new();
        let mut done = |step, outcome: Result<String, String>| {
            let goes_on = outcome.is_ok();
            steps.push(Checked { step, outcome });
            goes_on
        };
        let signed_in = self.http.sign_in().await;
        let tenant = &self.http.access.tenant;
        if !done("Sign in", signed_in.map(|()| format!("as {} of {tenant}", self.http.access.client_id)).map_err(say)) {
            return steps;
        }
        let who = self.http.get("WhoAmI()").await;
        let user = who.as_ref().ok().and_then(|who| who.get("UserId")?.as_str().map(str::to_owned)).unwrap_or_default();
        let entered = who.map(|_| format!("as the user {user}")).map_err(|failure| say(failure.error));
        if !done("Enter the environment", entered) || !done("Have a role", self.role(&user).await) {
            return steps;
        }
        let about = async {
            let identity = crate::Environment::identity(self).await?;
            let region = self.http.access.region().map(|region| format!(", {region}")).unwrap_or_default();
            Ok(format!("{}, version {}{region}", identity.name, self.version().await?))
        };
        done("Read the organization", about.await.map_err(say));
        steps
    }

    async fn role(&self, user: &str) -> Result<String, String> {
        let path =
            format!("systemusers({user})?$select=systemuserid&$expand=systemuserroles_association($select=name)");
        let row = self.http.get(&path).await.map_err(|failure| say(failure.error))?;
        let roles = row.get("systemuserroles_association").and_then(Value::as_array).cloned().unwrap_or_default();
        let names: Vec<&str> = roles.iter().filter_map(|role| role.get("name")?.as_str()).collect();
        match names.iter().find(|name| ROLES.contains(*name)) {
            Some(role) => Ok((*role).to_owned()),
            None => Err(format!(
                "The application has {}. Give it the role System Administrator, with which every solution can be imported.",
                if names.is_empty() { "no security role".to_owned() } else { format!("only {}", names.join(", ")) }
            )),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "taken from results")]
fn say(error: crate::EnvironmentError) -> String {
    error.to_string()
}
