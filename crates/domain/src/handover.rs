//! The text an account manager hands to a biller.

/// What the handover text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover<'a> {
    /// The biller's true name.
    pub name: &'a str,
    /// The address that people bookmark.
    pub login_url: &'a str,
    /// Day of going live as shown to people, e.g. "1 December 2026"; `None` while it is open.
    pub go_live: Option<&'a str>,
}

/// The text for the biller, ready to be pasted into an e-mail.
#[must_use]
pub fn text(handover: &Handover<'_>) -> String {
    let Handover { name, login_url, go_live } = handover;
    let when = go_live.map_or_else(
        || "We will tell you the day it goes live in good time.".to_owned(),
        |day| format!("It goes live on {day}. Until then your customers sign in as before."),
    );
    format!(
        "Subject: The new sign-in address for {name}\n\n\
         Hello,\n\n\
         The customers of {name} get a sign-in page of their own. {when}\n\n\
         Their sign-in address:\n{login_url}\n\n\
         What to do:\n\
         1. Put this address on your website, in e-mails and on bills, wherever a link to sign in stands now.\n\
         2. Ask customers to bookmark this address and no other: the address of the page they are \
         sent to after it changes at every sign-in.\n\
         3. Tell us which pages link to the old address, and we will look after the change together.\n\n\
         Usernames and accounts stay the same.\n"
    )
}
