//! A copy of what the sandbox knows, for assertions and for the page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fields, Store, Table, public};

/// The objects a snapshot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Workspaces that are not organizations.
    Workspace,
    /// Organizations: one per biller.
    Organization,
    /// Identity pools.
    Pool,
    /// Identity-pool providers of a workspace.
    Binding,
    /// OAuth clients.
    Application,
    /// Themes.
    Theme,
    /// Which theme a workspace has; the id is the workspace's.
    ThemeBinding,
    /// Users; the id is `pool/user`.
    User,
    /// Access tokens that have not been revoked; the id is a hash of the token.
    Token,
}

impl ObjectKind {
    /// Every kind, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Workspace,
        Self::Organization,
        Self::Pool,
        Self::Binding,
        Self::Application,
        Self::Theme,
        Self::ThemeBinding,
        Self::User,
        Self::Token,
    ];

    /// The name for people, in the plural.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Workspace => "workspaces",
            Self::Organization => "organizations",
            Self::Pool => "pools",
            Self::Binding => "bindings",
            Self::Application => "applications",
            Self::Theme => "themes",
            Self::ThemeBinding => "theme bindings",
            Self::User => "users",
            Self::Token => "tokens",
        }
    }

    /// Where they are kept.
    pub(crate) fn table(self) -> Table {
        match self {
            Self::Workspace | Self::Organization => Table::Workspaces,
            Self::Pool => Table::Pools,
            Self::Binding => Table::Bindings,
            Self::Application => Table::Clients,
            Self::Theme => Table::Themes,
            Self::ThemeBinding => Table::ThemeBindings,
            Self::User => Table::Users,
            Self::Token => Table::Tokens,
        }
    }
}

/// A copy of every object at one instant, as stored (without what never leaves the sandbox).
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    objects: BTreeMap<ObjectKind, BTreeMap<String, Value>>,
}

impl Snapshot {
    pub(crate) fn of(store: &Store) -> Self {
        let objects = ObjectKind::ALL.into_iter().map(|kind| (kind, rows(store, kind))).collect();
        Self { objects }
    }

    /// How many objects of a kind there are.
    #[must_use]
    pub fn count(&self, kind: ObjectKind) -> usize {
        self.objects.get(&kind).map_or(0, BTreeMap::len)
    }

    /// The object with that id.
    #[must_use]
    pub fn get(&self, kind: ObjectKind, id: &str) -> Option<&Value> {
        self.objects.get(&kind)?.get(id)
    }

    /// Every object of a kind with its id, in the order of ids.
    pub fn all(&self, kind: ObjectKind) -> impl Iterator<Item = (&String, &Value)> {
        self.objects.get(&kind).into_iter().flatten()
    }
}

fn rows(store: &Store, kind: ObjectKind) -> BTreeMap<String, Value> {
    store
        .all(kind.table())
        .filter(|(_, doc)| match kind {
            ObjectKind::Workspace => doc.text("type") != "organization",
            ObjectKind::Organization => doc.text("type") == "organization",
            _ => true,
        })
        .map(|(id, doc)| (id.clone(), Value::Object(public(doc))))
        .collect()
}

/// How many objects of a kind the store holds, without copying them.
pub(crate) fn count(store: &Store, kind: ObjectKind) -> usize {
    match kind {
        ObjectKind::Workspace => store.count(Table::Workspaces) - organizations(store),
        ObjectKind::Organization => organizations(store),
        other => store.count(other.table()),
    }
}

fn organizations(store: &Store) -> usize {
    store.all(Table::Workspaces).filter(|(_, doc)| doc.text("type") == "organization").count()
}
