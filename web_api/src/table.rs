//! Tables described as data. Queries, metadata and changes read these descriptions; nothing else knows columns.

/// A table of the Web API.
#[derive(Debug)]
pub struct Table {
    /// Logical name: `solution`.
    pub logical_name: &'static str,
    /// Schema name: `Solution`.
    pub schema_name: &'static str,
    /// Name in addresses: `solutions`.
    pub set_name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
    /// Name for people, of several.
    pub display_collection_name: &'static str,
    /// The platform's object type code.
    pub type_code: i32,
    /// The column with the id.
    pub id: &'static str,
    /// The column with the name for people.
    pub name: &'static str,
    /// Columns by which a record can be addressed besides its id.
    pub keys: &'static [&'static str],
    /// The columns, the id among them.
    pub columns: &'static [Column],
    /// Records of other tables that belong to one of this.
    pub collections: &'static [Collection],
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Logical name.
    pub name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The id of the record.
    Id,
    /// An id of something else.
    Guid,
    /// Text of at most so many characters.
    Text(u32),
    /// Longer text.
    Memo(u32),
    /// A whole number.
    Integer,
    /// A long whole number.
    BigInteger,
    /// A number.
    Double,
    /// Yes or no.
    Boolean,
    /// A moment in UTC.
    DateTime,
    /// A number that stands for a word.
    Choice(&'static [(i32, &'static str)]),
    /// A file, which `$value` gives. In JSON it is the id of the file.
    File,
    /// A record of another table. In JSON it is `_<name>_value`.
    Lookup {
        /// Logical name of that table.
        table: &'static str,
        /// Name of the navigation property.
        navigation: &'static str,
    },
}

/// Records of another table that belong to one of this.
#[derive(Debug)]
pub struct Collection {
    /// Name of the navigation property.
    pub navigation: &'static str,
    /// Logical name of the other table.
    pub table: &'static str,
    /// The lookup column of the other table; the column with the id of this one in the table in between, where there is
    /// one.
    pub column: &'static str,
    /// The table in between, where each record may belong to several.
    pub through: Option<Through>,
}

/// A table in between that says which records belong together (N:N).
#[derive(Clone, Copy, Debug)]
pub struct Through {
    /// Its logical name.
    pub table: &'static str,
    /// Its column with the id of the other record.
    pub column: &'static str,
}

/// The property in JSON of a lookup column.
pub fn lookup_property(column: &str) -> String {
    format!("_{column}_value")
}

impl Column {
    /// The property's name in JSON.
    pub fn property(&self) -> String {
        match self.kind {
            Kind::Lookup { .. } => lookup_property(self.name),
            _ => self.name.to_owned(),
        }
    }
}

impl Table {
    /// The column of a property as queries name it: `version`, `_publisherid_value`.
    pub fn property(&self, property: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| match column.kind {
            Kind::Lookup { .. } => {
                property.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value")) == Some(column.name)
            }
            _ => column.name == property,
        })
    }

    /// The lookup column behind a navigation property, with the table it leads to.
    pub fn lookup(&self, navigation: &str) -> Option<(&'static Column, &'static str)> {
        self.columns.iter().find_map(|column| match column.kind {
            Kind::Lookup { table, navigation: name } if name.eq_ignore_ascii_case(navigation) => Some((column, table)),
            _ => None,
        })
    }

    /// The records of another table behind a navigation property.
    pub fn collection(&self, navigation: &str) -> Option<&'static Collection> {
        self.collections.iter().find(|collection| collection.navigation.eq_ignore_ascii_case(navigation))
    }
}

/// The tables of one Web API.
#[derive(Clone, Copy, Debug)]
pub struct Schema(pub &'static [Table]);

impl Schema {
    /// A table by the name in addresses.
    pub fn set(&self, set_name: &str) -> Option<&'static Table> {
        self.0.iter().find(|table| table.set_name.eq_ignore_ascii_case(set_name))
    }

    /// A table by its logical name.
    pub fn table(&self, logical_name: &str) -> Option<&'static Table> {
        self.0.iter().find(|table| table.logical_name.eq_ignore_ascii_case(logical_name))
    }
}
