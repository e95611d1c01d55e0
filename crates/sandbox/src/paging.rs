//! Keyset paging: `limit`, `after_…_id`, `before_…_id`, `sort`, `order` (vendor contract, pagination).

use crate::{
    call::Call,
    http_error::Refusal,
    store::{Doc, Fields},
};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// What a list may be sorted by, besides its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// By id.
    Id,
    /// By this field, then by id.
    Field(&'static str),
}

/// One page asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
    sort: Sort,
    descending: bool,
}

impl Page {
    /// Reads the page from the query; `thing` names the id parameters, e.g. `organization` for
    /// `after_organization_id`. `sorts` pairs words of `sort` with the fields they mean.
    ///
    /// # Errors
    /// 400 or 422 for a limit outside 1 to 100, where the operation declares a refusal; else the limit
    /// is brought into its range.
    pub(crate) fn read(call: &Call<'_>, thing: &str, sorts: &[(&str, Sort)]) -> Result<Self, Refusal> {
        let sort = call.query("sort").unwrap_or("id");
        let sort = sorts.iter().find(|(word, _)| *word == sort).map_or(Sort::Id, |(_, sort)| *sort);
        Ok(Self {
            limit: limit(call)?,
            after: call.query(&format!("after_{thing}_id")).map(str::to_owned),
            before: call.query(&format!("before_{thing}_id")).map(str::to_owned),
            sort,
            descending: call.query("order") == Some("desc"),
        })
    }

    /// The id after which the page begins and its length, where the list simply goes on in the order of ids.
    pub(crate) fn following_ids(&self) -> Option<(Option<&str>, usize)> {
        let simple = self.sort == Sort::Id && !self.descending && self.before.is_none();
        simple.then_some((self.after.as_deref(), self.limit))
    }

    /// The sort key of a document.
    pub(crate) fn key(&self, id: &str, doc: &Doc) -> String {
        match self.sort {
            Sort::Id => id.to_owned(),
            Sort::Field(name) => doc.text(name).to_lowercase(),
        }
    }

    /// Cuts the page out of `items`, each with its sort key and its id.
    pub(crate) fn cut<T>(&self, mut items: Vec<(String, String, T)>) -> Vec<T> {
        items.sort_by(|left, right| (&left.0, &left.1).cmp(&(&right.0, &right.1)));
        if self.descending {
            items.reverse();
        }
        let from = self.after.as_deref().map_or(0, |id| self.place(&items, id, 1));
        let to = self.before.as_deref().map_or(items.len(), |id| self.place(&items, id, 0));
        // "Before" means the page that ends there, so it is counted from its end.
        let from = if self.before.is_some() && self.after.is_none() {
            from.max(to.saturating_sub(self.limit))
        } else {
            from
        };
        items.into_iter().take(to).skip(from).take(self.limit).map(|(_, _, item)| item).collect()
    }

    /// Where the item with `id` stands, plus `shift`; for an id that is gone, where it would stand when
    /// sorted by id, and the beginning otherwise.
    fn place<T>(&self, items: &[(String, String, T)], id: &str, shift: usize) -> usize {
        if let Some(found) = items.iter().position(|(_, other, _)| other == id) {
            return found + shift;
        }
        if self.sort != Sort::Id {
            return 0;
        }
        items.partition_point(
            |(_, other, _)| {
                if self.descending { other.as_str() > id } else { other.as_str() < id }
            },
        )
    }
}

fn limit(call: &Call<'_>) -> Result<usize, Refusal> {
    let Some(text) = call.query("limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    match text.parse::<usize>() {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ if call.may_refuse_query() => {
            Err(Refusal::malformed(format!("limit must be 1 to {MAX_LIMIT}")).at("limit"))
        }
        Ok(limit) => Ok(limit.clamp(1, MAX_LIMIT)),
        Err(_) => Ok(DEFAULT_LIMIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: usize, after: Option<&str>, before: Option<&str>) -> Page {
        Page {
            limit,
            after: after.map(str::to_owned),
            before: before.map(str::to_owned),
            sort: Sort::Id,
            descending: false,
        }
    }

    fn cut(page: &Page) -> Vec<&'static str> {
        let items = ["d", "a", "c", "b", "e"];
        page.cut(items.into_iter().map(|id| (id.to_owned(), id.to_owned(), id)).collect())
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        assert_eq!(cut(&page(2, None, None)), ["a", "b"]);
        assert_eq!(cut(&page(2, Some("b"), None)), ["c", "d"]);
        assert_eq!(cut(&page(2, Some("d"), None)), ["e"]);
    }

    #[test]
    fn an_id_that_is_gone_still_marks_its_place() {
        assert_eq!(cut(&page(2, Some("bb"), None)), ["c", "d"]);
    }

    #[test]
    fn before_gives_the_page_that_ends_there() {
        assert_eq!(cut(&page(2, None, Some("e"))), ["c", "d"]);
    }

    #[test]
    fn descending_turns_the_order_around() {
        let backwards = Page { descending: true, ..page(2, Some("d"), None) };
        assert_eq!(cut(&backwards), ["c", "b"]);
    }
}
