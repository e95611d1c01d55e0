//! The text for the biller.

use domain::handover::{Handover, text};

const URL: &str = "https://login.example.com/b/north";

#[test]
fn the_text_names_biller_and_day_and_gives_the_address_a_line_of_its_own() {
    let text = text(&Handover { name: "North & South", login_url: URL, go_live: Some("1 December 2026") });
    assert!(text.starts_with("Subject: The new sign-in address for North & South\n\n"));
    assert!(text.contains("It goes live on 1 December 2026."));
    assert_eq!(text.lines().filter(|line| *line == URL).count(), 1);
    assert!(text.ends_with('\n'));
}

#[test]
fn while_the_day_is_open_none_is_promised() {
    let text = text(&Handover { name: "North", login_url: URL, go_live: None });
    assert!(text.contains("We will tell you the day"));
    assert!(!text.contains("goes live on "));
}

#[test]
fn the_login_url_is_the_only_link() {
    let text = text(&Handover { name: "North", login_url: URL, go_live: None });
    assert_eq!(text.matches("://").count(), 1);
    assert!(text.contains("bookmark this address and no other"));
}
