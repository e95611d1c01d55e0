//! SQL whose shape depends on the question: text and bound values, put together once for both databases.

use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, sqlite::SqliteRow};

use crate::{Conn, Engine, StorageError};

/// A bound value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

/// A statement in the making. Only fixed texts are pushed; every value is bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
    /// Where in the text each value belongs.
    places: Vec<usize>,
    values: Vec<Value>,
}

macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
                Value::Bool(yes) => query.bind(yes),
            };
        }
        query
    }};
}

impl Sql {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), places: Vec::new(), values: Vec::new() }
    }

    /// Appends a fixed text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and binds the value to it.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.places.push(self.text.len());
        self
    }

    /// The text with its placeholders. PostgreSQL wants them numbered. For SQLite a numbered one is a name, and it
    /// looks through all names for each: thousands of values would cost millions of comparisons.
    fn finish(self, engine: Engine) -> (String, Vec<Value>) {
        let mut text = String::with_capacity(self.text.len() + self.places.len() * 6);
        let mut from = 0;
        for (index, place) in self.places.into_iter().enumerate() {
            text.push_str(&self.text[from..place]);
            match engine {
                Engine::Sqlite => text.push('?'),
                Engine::Postgres => {
                    text.push('$');
                    text.push_str(&(index + 1).to_string());
                }
            }
            from = place;
        }
        text.push_str(&self.text[from..]);
        (text, self.values)
    }

    /// Appends a value for each, in brackets.
    pub(crate) fn tuple(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        self.push("(");
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push(")")
    }

    /// Appends rows of values, each in brackets.
    pub(crate) fn tuples<const N: usize>(&mut self, rows: impl IntoIterator<Item = [Value; N]>) -> &mut Self {
        for (index, row) in rows.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.tuple(row);
        }
        self
    }

    pub(crate) async fn all<T>(self, conn: &mut Conn) -> Result<Vec<T>, StorageError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (text, values) = self.finish(conn.engine());
        Ok(on!(conn, c => bound!(sqlx::query_as::<_, T>(AssertSqlSafe(text)), values).fetch_all(c))?)
    }

    pub(crate) async fn optional<T>(self, conn: &mut Conn) -> Result<Option<T>, StorageError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (text, values) = self.finish(conn.engine());
        Ok(on!(conn, c => bound!(sqlx::query_as::<_, T>(AssertSqlSafe(text)), values).fetch_optional(c))?)
    }

    /// Runs the statement; the answer is the number of rows it touched.
    pub(crate) async fn run(self, conn: &mut Conn) -> Result<u64, StorageError> {
        let (text, values) = self.finish(conn.engine());
        Ok(affected!(conn, bound!(sqlx::query(AssertSqlSafe(text)), values))?)
    }
}
