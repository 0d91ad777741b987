//! What the Web API says about itself: the CSDL of `$metadata`, the service document, and `EntityDefinitions`.

use crate::{
    error::{ApiError, Result},
    odata::{Row, query::options},
    table::{Column, Kind, Schema, Table},
};
use serde_json::{Value, json};
use std::fmt::Write;

/// Names with their types.
pub type Named = &'static [(&'static str, &'static str)];

/// Name, whether it is an action, parameters with their types, and what it returns.
pub type Signature = (&'static str, bool, Named, &'static str);

/// The actions and functions of an organisation.
#[derive(Clone, Copy, Debug)]
pub struct Signatures {
    /// Actions and functions.
    pub operations: &'static [Signature],
    /// Properties of their answers.
    pub responses: &'static [(&'static str, Named)],
    /// Types whose properties are not told.
    pub open_types: &'static [&'static str],
}

/// The CSDL document.
pub fn csdl(schema: Schema, signatures: &Signatures) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.Dynamics.CRM\" Alias=\"mscrm\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\"><EntityType Name=\"crmbaseentity\" Abstract=\"true\" OpenType=\"false\" />",
    );
    for table in schema.0 {
        entity_type(&mut xml, table);
    }
    for name in signatures.open_types {
        push(&mut xml, format_args!("<ComplexType Name=\"{name}\" OpenType=\"true\" />"));
    }
    for (name, properties) in signatures.responses {
        push(&mut xml, format_args!("<ComplexType Name=\"{name}\">"));
        for (property, kind) in *properties {
            push(&mut xml, format_args!("<Property Name=\"{property}\" Type=\"{kind}\" />"));
        }
        xml.push_str("</ComplexType>");
    }
    for (name, is_action, parameters, returns) in signatures.operations {
        let element = if *is_action { "Action" } else { "Function" };
        push(&mut xml, format_args!("<{element} Name=\"{name}\">"));
        for (parameter, kind) in *parameters {
            push(&mut xml, format_args!("<Parameter Name=\"{parameter}\" Type=\"{kind}\" />"));
        }
        if !returns.is_empty() {
            let kind = if returns.contains('.') { (*returns).to_owned() } else { format!("mscrm.{returns}") };
            push(&mut xml, format_args!("<ReturnType Type=\"{kind}\" Nullable=\"false\" />"));
        }
        push(&mut xml, format_args!("</{element}>"));
    }
    xml.push_str("<EntityContainer Name=\"System\">");
    for table in schema.0 {
        push(
            &mut xml,
            format_args!("<EntitySet Name=\"{}\" EntityType=\"mscrm.{}\">", table.set_name, table.logical_name),
        );
        for column in table.columns {
            if let Kind::Lookup { table: target, navigation } = column.kind
                && let Some(target) = schema.table(target)
            {
                push(
                    &mut xml,
                    format_args!("<NavigationPropertyBinding Path=\"{navigation}\" Target=\"{}\" />", target.set_name),
                );
            }
        }
        for collection in table.collections {
            if let Some(target) = schema.table(collection.table) {
                let (path, target) = (collection.navigation, target.set_name);
                push(&mut xml, format_args!("<NavigationPropertyBinding Path=\"{path}\" Target=\"{target}\" />"));
            }
        }
        xml.push_str("</EntitySet>");
    }
    for (name, is_action, _, _) in signatures.operations {
        if *is_action {
            push(&mut xml, format_args!("<ActionImport Name=\"{name}\" Action=\"mscrm.{name}\" />"));
        } else {
            push(&mut xml, format_args!("<FunctionImport Name=\"{name}\" Function=\"mscrm.{name}\" />"));
        }
    }
    xml.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    xml
}

fn entity_type(xml: &mut String, table: &Table) {
    push(
        xml,
        format_args!(
            "<EntityType Name=\"{}\" BaseType=\"mscrm.crmbaseentity\"><Key><PropertyRef Name=\"{}\" /></Key>",
            table.logical_name, table.id
        ),
    );
    for column in table.columns {
        push(xml, format_args!("<Property Name=\"{}\" Type=\"{}\" />", column.property(), edm(column.kind)));
        if let Kind::Lookup { table: target, navigation } = column.kind {
            push(
                xml,
                format_args!(
                    "<NavigationProperty Name=\"{navigation}\" Type=\"mscrm.{target}\" Nullable=\"false\"><ReferentialConstraint Property=\"{}\" ReferencedProperty=\"{target}id\" /></NavigationProperty>",
                    column.property()
                ),
            );
        }
    }
    for collection in table.collections {
        push(
            xml,
            format_args!(
                "<NavigationProperty Name=\"{}\" Type=\"Collection(mscrm.{})\" />",
                collection.navigation, collection.table
            ),
        );
    }
    xml.push_str("</EntityType>");
}

fn push(xml: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = xml.write_fmt(text);
}

fn edm(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Guid | Kind::Lookup { .. } => "Edm.Guid",
        Kind::Text(_) | Kind::Memo(_) => "Edm.String",
        Kind::Integer | Kind::Choice(_) => "Edm.Int32",
        Kind::BigInteger => "Edm.Int64",
        Kind::Double => "Edm.Double",
        Kind::Boolean => "Edm.Boolean",
        Kind::DateTime => "Edm.DateTimeOffset",
        Kind::File => "Edm.Binary",
    }
}

/// The service document.
pub fn service(schema: Schema, context: &str) -> Value {
    let sets: Vec<Value> = schema
        .0
        .iter()
        .map(|table| json!({"name": table.set_name, "kind": "EntitySet", "url": table.set_name}))
        .collect();
    json!({"@odata.context": format!("{context}$metadata"), "value": sets})
}

/// Answers `EntityDefinitions`, `EntityDefinitions(LogicalName='solution')`, and `/Attributes`, `/Keys` below it.
/// `segments` are what follows.
pub fn entity_definitions(schema: Schema, key: Option<&str>, segments: &[&str], query: &str) -> Result<Value> {
    let asked = options(query)?;
    let option = |name: &str| asked.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let select: Option<Vec<&str>> = option("$select").map(|value| value.split(',').map(str::trim).collect());
    let shown = |full: Value| match (&select, full) {
        (Some(select), Value::Object(full)) => {
            let kept = full
                .into_iter()
                .filter(|(name, _)| name == "MetadataId" || name.starts_with('@') || select.contains(&name.as_str()));
            Value::Object(kept.collect())
        }
        (_, full) => full,
    };
    let Some(key) = key else {
        let filter = option("$filter");
        let found = schema.0.iter().map(definition);
        let found: Vec<Value> = match filter {
            Some(filter) => {
                let wanted = equalities(filter)?;
                found
                    .filter(|row| wanted.iter().any(|all| all.iter().all(|(name, value)| is(row, name, value))))
                    .collect()
            }
            None => found.collect(),
        };
        return Ok(json!({"value": found.into_iter().map(shown).collect::<Vec<_>>()}));
    };
    let table = schema.0.iter().find(|table| {
        let name = key.split_once('=').map_or(key, |(_, value)| value).trim_matches('\'');
        name.eq_ignore_ascii_case(table.logical_name) || name.eq_ignore_ascii_case(&metadata_id(table.logical_name))
    });
    let Some(table) = table else {
        return Err(ApiError::missing("EntityMetadata", key));
    };
    match segments {
        [] => {
            let mut full = definition(table);
            if let (Some(expand), Value::Object(full)) = (option("$expand"), &mut full) {
                if expand.contains("Attributes") {
                    full.insert("Attributes".to_owned(), attributes(table));
                }
                if expand.contains("Keys") {
                    full.insert("Keys".to_owned(), keys(table));
                }
            }
            let mut value = shown(full.clone());
            if let (Value::Object(value), Value::Object(full)) = (&mut value, full) {
                for name in ["Attributes", "Keys"] {
                    if let Some(list) = full.get(name) {
                        value.insert(name.to_owned(), list.clone());
                    }
                }
            }
            Ok(value)
        }
        ["Attributes", ..] => Ok(json!({"value": listed(attributes(table), &shown)})),
        ["Keys"] => Ok(json!({"value": listed(keys(table), &shown)})),
        ["ManyToOneRelationships"] => Ok(json!({"value": listed(many_to_one(schema, table), &shown)})),
        ["OneToManyRelationships"] => Ok(json!({"value": listed(one_to_many(table), &shown)})),
        ["ManyToManyRelationships"] => Ok(json!({"value": listed(many_to_many(schema, table), &shown)})),
        [other, ..] => Err(ApiError::no_segment(other)),
    }
}

fn many_to_one(schema: Schema, table: &Table) -> Value {
    let lookups = table.columns.iter().filter_map(|column| match column.kind {
        Kind::Lookup { table: target, navigation } => Some(json!({
            "ReferencingEntity": table.logical_name, "ReferencingAttribute": column.name,
            "ReferencingEntityNavigationPropertyName": navigation, "ReferencedEntity": target,
            "ReferencedAttribute": schema.table(target).map(|target| target.id),
        })),
        _ => None,
    });
    lookups.collect()
}

fn one_to_many(table: &Table) -> Value {
    let collections = table.collections.iter().filter(|collection| collection.through.is_none()).map(|collection| {
        json!({
            "SchemaName": collection.navigation, "ReferencedEntity": table.logical_name,
            "ReferencedAttribute": table.id, "ReferencedEntityNavigationPropertyName": collection.navigation,
            "ReferencingEntity": collection.table, "ReferencingAttribute": collection.column,
        })
    });
    collections.collect()
}

fn many_to_many(schema: Schema, table: &Table) -> Value {
    let collections = table.collections.iter().filter_map(|collection| {
        let through = collection.through?;
        Some(json!({
            "SchemaName": through.table, "IntersectEntityName": through.table,
            "Entity1LogicalName": table.logical_name, "Entity1IntersectAttribute": collection.column,
            "Entity1NavigationPropertyName": collection.navigation,
            "Entity2LogicalName": collection.table, "Entity2IntersectAttribute": through.column,
            "Entity2NavigationPropertyName": schema.table(collection.table).and_then(|other| {
                let mut collections = other.collections.iter();
                collections.find(|back| back.through.is_some_and(|back| back.table == through.table))
            }).map(|back| back.navigation),
        }))
    });
    collections.collect()
}

fn listed(list: Value, shown: &impl Fn(Value) -> Value) -> Vec<Value> {
    match list {
        Value::Array(list) => list.into_iter().map(shown).collect(),
        _ => Vec::new(),
    }
}

/// Reads `A eq 'x' and B eq 'y' or C eq 'z'`, which is what clients ask of definitions.
fn equalities(filter: &str) -> Result<Vec<Vec<(String, Value)>>> {
    use crate::odata::{
        lexer::{Token, words},
        parser::literal,
    };
    let unsupported = || ApiError::odata("EntityDefinitions can be filtered by eq, and, or only.");
    let mut any = Vec::new();
    let mut all = Vec::new();
    let tokens = words(filter)?;
    let mut tokens = tokens.into_iter().filter(|token| !matches!(token, Token::Open | Token::Close)).peekable();
    while let Some(token) = tokens.next() {
        let (Token::Word(name), Some(Token::Word(eq)), Some(value)) = (token, tokens.next(), tokens.next()) else {
            return Err(unsupported());
        };
        let value = match value {
            Token::Text(text) => Value::from(text),
            Token::Word(word) | Token::Value(word) => match literal(&word) {
                Some(crate::odata::Literal::Boolean(is)) => is.into(),
                #[allow(clippy::cast_possible_truncation, reason = "type codes are small")]
                Some(crate::odata::Literal::Number(number)) => (number as i64).into(),
                Some(crate::odata::Literal::Guid(id)) => id.into(),
                _ => return Err(unsupported()),
            },
            _ => return Err(unsupported()),
        };
        if !eq.eq_ignore_ascii_case("eq") {
            return Err(unsupported());
        }
        all.push((name, value));
        match tokens.next() {
            None => break,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("and") => {}
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("or") => any.push(std::mem::take(&mut all)),
            Some(_) => return Err(unsupported()),
        }
    }
    any.push(all);
    Ok(any)
}

fn is(row: &Value, name: &str, wanted: &Value) -> bool {
    let found = row.get(name);
    match (found.and_then(Value::as_str), wanted.as_str()) {
        (Some(found), Some(wanted)) => found.eq_ignore_ascii_case(wanted),
        _ => found == Some(wanted),
    }
}

/// The id of a definition, made from its name, the same in every environment as on the platform.
fn metadata_id(name: &str) -> String {
    let mut bytes = [0_u8; 16];
    for (index, byte) in name.bytes().enumerate() {
        let at = index % 16;
        if let Some(slot) = bytes.get_mut(at) {
            *slot =
                slot.rotate_left(3) ^ byte.wrapping_mul(31).wrapping_add(u8::try_from(index % 251).unwrap_or_default());
        }
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

fn label(text: &str) -> Value {
    let label = json!({"Label": text, "LanguageCode": 1033, "IsManaged": true});
    json!({"LocalizedLabels": [label], "UserLocalizedLabel": label})
}

fn definition(table: &Table) -> Value {
    json!({
        "MetadataId": metadata_id(table.logical_name),
        "LogicalName": table.logical_name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.set_name,
        "LogicalCollectionName": table.set_name,
        "CollectionSchemaName": table.set_name,
        "PrimaryIdAttribute": table.id,
        "PrimaryNameAttribute": table.name,
        "ObjectTypeCode": table.type_code,
        "DisplayName": label(table.display_name),
        "DisplayCollectionName": label(table.display_collection_name),
        "IsCustomEntity": false,
        "IsManaged": true,
        "IsIntersect": false,
        "IsPrivate": false,
        "IsLogicalEntity": false,
        "TableType": "Standard",
        "OwnershipType": "OrganizationOwned",
        "HasActivities": false,
        "HasNotes": false,
    })
}

fn attributes(table: &Table) -> Value {
    table.columns.iter().map(|column| attribute(table, column)).collect()
}

fn attribute(table: &Table, column: &Column) -> Value {
    let (kind, odata) = match column.kind {
        Kind::Id | Kind::Guid => ("Uniqueidentifier", "UniqueIdentifierAttributeMetadata"),
        Kind::Text(_) => ("String", "StringAttributeMetadata"),
        Kind::Memo(_) => ("Memo", "MemoAttributeMetadata"),
        Kind::Integer => ("Integer", "IntegerAttributeMetadata"),
        Kind::BigInteger => ("BigInt", "BigIntAttributeMetadata"),
        Kind::Double => ("Double", "DoubleAttributeMetadata"),
        Kind::Boolean => ("Boolean", "BooleanAttributeMetadata"),
        Kind::DateTime => ("DateTime", "DateTimeAttributeMetadata"),
        Kind::Choice(_) => ("Picklist", "PicklistAttributeMetadata"),
        Kind::File => ("Virtual", "FileAttributeMetadata"),
        Kind::Lookup { .. } => ("Lookup", "LookupAttributeMetadata"),
    };
    let mut row: Row = json!({
        "@odata.type": format!("#Microsoft.Dynamics.CRM.{odata}"),
        "MetadataId": metadata_id(&format!("{}.{}", table.logical_name, column.name)),
        "LogicalName": column.name,
        "SchemaName": column.name,
        "EntityLogicalName": table.logical_name,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": format!("{kind}Type")},
        "DisplayName": label(column.display_name),
        "IsPrimaryId": column.name == table.id,
        "IsPrimaryName": column.name == table.name,
        "IsValidForRead": true,
        "IsCustomAttribute": false,
    })
    .as_object()
    .cloned()
    .unwrap_or_default();
    match column.kind {
        Kind::Text(length) | Kind::Memo(length) => {
            row.insert("MaxLength".to_owned(), length.into());
        }
        Kind::Choice(choices) => {
            let choices: Vec<Value> =
                choices.iter().map(|(value, text)| json!({"Value": value, "Label": label(text)})).collect();
            row.insert("OptionSet".to_owned(), json!({"Options": choices}));
        }
        Kind::Lookup { table, .. } => {
            row.insert("Targets".to_owned(), json!([table]));
        }
        _ => {}
    }
    Value::Object(row)
}

fn keys(table: &Table) -> Value {
    let keys = table.keys.iter().map(|key| {
        json!({
            "MetadataId": metadata_id(&format!("{}:{key}", table.logical_name)),
            "SchemaName": format!("{}_{key}", table.logical_name),
            "LogicalName": format!("{}_{key}", table.logical_name),
            "EntityLogicalName": table.logical_name,
            "KeyAttributes": [key],
        })
    });
    keys.collect()
}
