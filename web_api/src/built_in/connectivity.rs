//! Connections, as the Power Platform API has them: `connectivity/connections` of an environment.

use crate::{
    built_in::BuiltInOrganization,
    call::Call,
    error::{ApiError, Result},
};
use environment::NewConnection;
use http::Method;
use model::connection::{Connection, connector_name};
use serde_json::{Value, json};

/// Answers what is asked below `connectivity/`. The status is that of success.
pub async fn answer(organization: &BuiltInOrganization, call: Call) -> Result<(u16, Value)> {
    let names: Vec<String> = call.segments.iter().map(|segment| segment.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let environment = organization.environment().await?;
    match (call.method.clone(), names.as_slice()) {
        (Method::GET, ["connections"]) => {
            let connections = environment.connections().await?;
            Ok((200, json!({"value": connections.iter().map(shown).collect::<Vec<_>>()})))
        }
        (Method::GET, ["connectors", connector, "connections"]) => {
            let connections = environment.connections().await?;
            let of = connections.iter().filter(|one| is_of(one, connector));
            Ok((200, json!({"value": of.map(shown).collect::<Vec<_>>()})))
        }
        (Method::GET, ["connectors", connector, "connections", id]) => {
            let connections = environment.connections().await?;
            let found = connections.iter().find(|one| is_of(one, connector) && one.id == *id);
            Ok((200, shown(found.ok_or_else(|| ApiError::missing("connection", id))?)))
        }
        // Whatever id the client would like, the environment gives the connection one of its own.
        (Method::PUT, ["connectors", connector, "connections", _]) => {
            let connector = (*connector).to_owned();
            let owner = organization.user.name.clone();
            let body = call.object().await?;
            let properties = body.get("properties");
            let text = |name: &str| properties.and_then(|all| all.get(name)).and_then(Value::as_str);
            let connector_id =
                text("apiId").map_or_else(|| format!("/providers/Microsoft.PowerApps/apis/{connector}"), str::to_owned);
            let display_name = text("displayName").unwrap_or(&connector).to_owned();
            let new = NewConnection { connector_id, display_name, owner };
            Ok((201, shown(&environment.create_connection(new).await?)))
        }
        (method, _) => Err(ApiError::not_allowed(format!("The method {method} is not supported at this address."))),
    }
}

fn is_of(connection: &Connection, connector: &str) -> bool {
    connector_name(&connection.connector_id).eq_ignore_ascii_case(connector)
}

fn shown(connection: &Connection) -> Value {
    let connector = connector_name(&connection.connector_id);
    json!({
        "name": connection.id,
        "id": format!("/providers/Microsoft.PowerApps/apis/{connector}/connections/{}", connection.id),
        "type": "Microsoft.PowerApps/apis/connections",
        "properties": {
            "apiId": connection.connector_id,
            "displayName": connection.display_name,
            "statuses": [{"status": if connection.usable { "Connected" } else { "Error" }}],
            "createdBy": {"displayName": connection.owner, "type": "User"},
        },
    })
}
