//! The use cases of a biller: three switches, what is in effect and why, and who changed what.

use domain::{
    Bid, Topic,
    login::LoginRoute,
    use_case::{Change, Choice, Choices, Layers, OldUrlBehaviour, Readiness, UseCase, difference, told},
    user_move::{UserMove, UserMoveState},
};
use leptos::prelude::*;
use services::{
    change_use_cases::{self, UseCasesView},
    show_biller::{self, BillerView},
};

use super::{head, progress, schedule};
use crate::{
    islands::ConfirmName,
    pages::bid_in_path,
    paths,
    ui::{
        Act, Empty, Face, Fact, Facts, Field, Hidden, Icon, Notice, Page, Panel, Place, Reason, Submit,
        SubmitKind, Time, Tone, Visit, grouped, page,
    },
};

/// The use cases of a biller.
#[component]
pub(crate) fn BillerUseCasesPage() -> impl IntoView {
    let bid = bid_in_path();
    page(Place::Billers, |visit| async move {
        let bid = bid?;
        let followed = visit.follow(Topic::Biller(bid.clone())).await?;
        let view = show_biller::show(&visit.console, &visit.actor, &bid).await?;
        let cases = change_use_cases::show(&visit.console, &visit.actor, &bid).await?;
        let title = format!("Use cases of {}", view.biller.name());
        let announce = heard(&cases);
        Ok(Page::new(title, show(&visit, &view, cases)).live(followed, announce))
    })
}

/// What is in effect in one sentence, for people who listen.
fn heard(cases: &UseCasesView) -> String {
    let run = cases.run.as_ref().map(|view| crate::ui::run::sentence(&view.run, &view.steps));
    format!("In effect: {}. {}", cases.standing.in_effect.label().to_lowercase(), run.unwrap_or_default())
}

fn show(visit: &Visit, view: &BillerView, cases: UseCasesView) -> impl IntoView + use<> {
    let bid = cases.biller.bid().clone();
    let run = cases.run.clone().map(|run| progress::panel(run, &view.actions));
    let declare = (cases.users.is_none() && cases.allowed.is_ok()).then(|| no_users(visit, &bid));
    let scheduled = schedule::panel(&cases);
    let users = users(cases.users, declare.map(IntoAny::into_any));
    let login = login(&cases);
    let emergency = emergency(visit, &cases);
    view! {
        {head::head(visit, &cases.biller, &view.actions, head::Tab::UseCases)}
        <div class="columns">
            <div class="column-wide">
                <div id="notices" data-live="" class="stack">{notices(&cases)}</div>
                <div id="scheduled" data-live="">{scheduled}</div>
                {switches(&cases)}
                <div id="history" data-live="">{history(&bid, cases.history)}</div>
            </div>
            <div class="column-narrow">
                <div id="run" data-live="">{run}</div>
                <div id="users" data-live="">{users}</div>
                <div id="login" data-live="">{login}</div>
                {emergency}
            </div>
        </div>
    }
}

/// What keeps every switch where it is, and what waits to be brought about.
fn notices(cases: &UseCasesView) -> impl IntoView + use<> {
    let blocked = cases.standing.blocked().map(|blocked| {
        view! { <Notice tone=Tone::Caution text=format!("No switch can be moved now. {blocked}") /> }
    });
    let waits = (!cases.pending.is_empty()).then(|| {
        let href = paths::use_cases_change(cases.biller.bid(), &cases.layers.biller);
        view! {
            <Notice tone=Tone::Moving text="What is chosen differs from what is in effect: a default may have changed since.">
                <p class="panel-foot"><a class="btn btn-sm" href=href id="bring-about">"Bring it about…"</a></p>
            </Notice>
        }
    });
    let held: Vec<_> = cases
        .pending
        .held_back
        .iter()
        .filter(|_| cases.standing.blocked().is_none())
        .map(|(use_case, blocked)| view! { <li>{use_case.label()} ": " {blocked.to_string()}</li> })
        .collect();
    let held = (!held.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Quiet text="Wanted, but not possible yet:">
                <ul class="bullets">{held}</ul>
            </Notice>
        }
    });
    let off = (!cases.held_off.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Bad text="Sign-ins are held off in an emergency: the login URL leads to the legacy page, whatever is in effect.">
                <p class="panel-foot"><a class="link" href=paths::EMERGENCIES>"Look at it…"</a></p>
            </Notice>
        }
    });
    view! { {off} {blocked} {waits} {held} }
}

/// The form with the switches; it leads to the preview and changes nothing itself.
fn switches(cases: &UseCasesView) -> impl IntoView + use<> {
    let action = paths::use_cases_change_form(cases.biller.bid());
    let rows = UseCase::ALL.iter().map(|use_case| switch(cases, *use_case)).collect_view();
    let allowed = cases.allowed.clone();
    let old_url = old_url(&cases.layers, cases.standing.blocked().is_some());
    view! {
        <Panel id="switches" title="Switches" lead="The next page shows what a change will do; nothing is changed before you confirm it there.">
            <form method="get" action=action class="form-stack">
                {rows}
                {old_url}
                <div class="buttons" id="switch-buttons" data-live="">
                    <Submit id="preview-change" label="Preview the change…" icon=Icon::Layers allowed />
                </div>
            </form>
        </Panel>
    }
}

fn switch(cases: &UseCasesView, use_case: UseCase) -> impl IntoView + use<> {
    let name = use_case.as_str();
    let wanted = cases.layers.wanted(use_case);
    let chosen = cases.layers.biller.of(use_case);
    let fixed = cases.standing.blocked().is_some();
    let in_effect = cases.standing.in_effect.has(use_case);
    let reason = match cases.standing.may_turn_on(use_case, &cases.standing.in_effect) {
        Err(blocked) if !in_effect && !fixed => Some(blocked.to_string()),
        _ => None,
    };
    let reason_id = format!("{name}-reason");
    let inherited = cases.layers.choosing(Choices::default()).chosen(use_case).0;
    let options = Choice::ALL
        .iter()
        .map(|choice| {
            let choice = *choice;
            let stuck = fixed || (choice == Choice::On && reason.is_some() && chosen != Choice::On);
            let label = match choice {
                Choice::Inherit => format!("Inherit ({})", if inherited { "on" } else { "off" }),
                other => other.label().to_owned(),
            };
            let described = (stuck && !fixed).then(|| reason_id.clone());
            view! {
                <label class="radio-option">
                    <input type="radio" name=name value=choice.as_str() checked=chosen == choice disabled=stuck
                        aria-describedby=described />
                    {label}
                </label>
            }
        })
        .collect_view();
    let readiness = cases.standing.readiness(use_case);
    let of_group = reason.as_ref().map(|_| reason_id.clone());
    view! {
        <fieldset class="switch" id=format!("switch-{name}") aria-describedby=of_group>
            <legend>{use_case.label()}</legend>
            <p class="hint">{use_case.meaning()}</p>
            // Stands for a switch that cannot be moved, which a form does not send: the last value counts.
            <input type="hidden" name=name value=chosen.as_str() />
            <div class="switch-options">{options}</div>
            <div class="switch-state" id=format!("state-{name}") data-live="">
                {readiness.badge()} " " <span class="switch-why">{told(wanted)} "."</span>
            </div>
            // A position that cannot be chosen is passed over by the keyboard; why that is can be reached.
            {reason.map(|text| view! { <p class="refusal" id=reason_id.clone() tabindex="0">{text}</p> })}
        </fieldset>
    }
}

fn old_url(layers: &Layers, fixed: bool) -> impl IntoView + use<> {
    let chosen = layers.biller.old_url;
    let inherited = layers.choosing(Choices::default()).old_url().0;
    let options = OldUrlBehaviour::ALL
        .iter()
        .map(|one| {
            view! { <option value=one.as_str() selected=chosen == Some(*one)>{one.label()}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="old_url">"With hosted login on, the old login page"</label>
            <select class="select" id="old_url" name="old_url" disabled=fixed aria-describedby="old_url-hint">
                <option value="inherit" selected=chosen.is_none()>{format!("Inherit ({})", inherited.label().to_lowercase())}</option>
                {options}
            </select>
            <p class="hint" id="old_url-hint">"Someone recognised there can be told to change the bookmark and be sent to the login URL."</p>
        </div>
    }
}

fn users(known: Option<UserMove>, declare: Option<AnyView>) -> impl IntoView {
    let (state, note) = match known {
        None => ("Nothing known", "Delegated and hosted login need the users at SecureAuth."),
        Some(known) => (
            known.state.label(),
            match known.state {
                UserMoveState::NothingToMove => "Somebody said that there are none to move.",
                UserMoveState::Staged => "They are known here; none was moved yet.",
                UserMoveState::Moving => "Delegated and hosted login wait until the move has finished.",
                UserMoveState::Moved => "They can sign in at SecureAuth.",
            },
        ),
    };
    let numbers = known.filter(|known| known.users > 0).map(|known| {
        view! { <Fact label="Moved"><span class="num">{grouped(known.moved)} " of " {grouped(known.users)}</span></Fact> }
    });
    view! {
        <Panel id="user-move" title="Users">
            <Facts class="facts-tight">
                <Fact label="State">{state}</Fact>
                {numbers}
                {known.map(|known| view! { <Fact label="Since"><Time at=known.changed_at /></Fact> })}
            </Facts>
            <p class="hint">{note}</p>
            {declare}
        </Panel>
    }
}

fn no_users(visit: &Visit, bid: &Bid) -> impl IntoView + use<> {
    let bid = bid.to_string();
    let reason = view! { <Reason visit /> }.into_any();
    view! {
        <details class="more" id="declare-no-users">
            <summary>"This biller has no users to move…"</summary>
            <Act to=paths::act::DECLARE_NO_USERS class="form-stack">
                <Hidden name="bid" value=bid />
                <p>"People could then sign in at SecureAuth without a move. Say so only for a new biller, or one whose users all register anew."</p>
                {reason}
                <div class="buttons"><Submit id="declare" label="There are no users to move" kind=SubmitKind::Plain /></div>
            </Act>
        </details>
    }
}

/// The switch for emergencies: folded, since it is not for every day.
fn emergency(visit: &Visit, cases: &UseCasesView) -> impl IntoView + use<> {
    let (bid, name) = (cases.biller.bid().to_string(), cases.biller.name().to_owned());
    let allowed = cases.may_hold_off.clone();
    let fields = view! {
        <Field visit name="name" label="Type the biller's name to confirm" required=true must_be=name.clone() />
        <div class="field">
            <label for="emergency-reason">"What is wrong"</label>
            <textarea class="textarea" id="emergency-reason" name="reason" rows="2" maxlength="500" required=true></textarea>
        </div>
    }
    .into_any();
    view! {
        <details class="more panel" id="emergency-off">
            <summary>"Emergency off…"</summary>
            <Act to=paths::act::EMERGENCY_OFF class="form-stack">
                <Hidden name="bid" value=bid />
                <p>"Sign-ins at the login URL go to the legacy page with the very next request, whatever run is under way. A second person looks at it afterwards."</p>
                <p class="confirm-name"><strong class="break">{name}</strong></p>
                {fields}
                <div class="buttons">
                    <Submit id="hold-off" label="Hold its sign-ins off" icon=Icon::Pause kind=SubmitKind::Danger allowed />
                </div>
            </Act>
        </details>
        <ConfirmName />
    }
}

fn login(cases: &UseCasesView) -> impl IntoView + use<> {
    let route = cases.biller.login_route;
    let old_page =
        match (cases.standing.in_effect.has(UseCase::HostedLogin), cases.standing.in_effect.old_url) {
            (true, OldUrlBehaviour::Redirect) => "sends people on to the login URL",
            (_, _) if cases.standing.in_effect.has(UseCase::DelegatedLogin) => {
                "checks passwords with SecureAuth"
            }
            _ => "works as before",
        };
    let proven = cases.effect.proven.map(|(_, at)| view! { <Fact label="Proven"><Time at /></Fact> });
    let test = paths::test_sign_in(cases.biller.bid());
    let early = (route == LoginRoute::SecureAuth && !cases.effect.governs_login).then(|| {
        view! {
            <p class="hint" id="not-governed">
                "Hosted login was never on. The login URL leads to SecureAuth all the same, since enabling proves the sign-in page \
                 by it; publish it when hosted login is on. From then on it follows that switch."
            </p>
        }
    });
    let leads = match route {
        LoginRoute::SecureAuth => "SecureAuth",
        LoginRoute::Legacy => "the legacy login page",
    };
    view! {
        <Panel id="login-now" title="Where people sign in">
            <Facts class="facts-tight">
                <Fact label="Login URL">"leads to " {leads}</Fact>
                <Fact label="Old page">{old_page}</Fact>
                {proven}
            </Facts>
            {early}
            <p class="panel-foot"><a class="link" href=test>"Test sign-in…"</a></p>
        </Panel>
    }
}

fn history(bid: &Bid, changes: Vec<Change>) -> impl IntoView + use<> {
    if changes.is_empty() {
        return view! {
            <Panel id="changes" title="History">
                <Empty icon=Icon::List title="Nothing was changed yet" text="Every change stands here, with who, when and why." />
            </Panel>
        }
        .into_any();
    }
    let rows = changes.into_iter().enumerate().map(|(n, one)| change(bid, one, n == 0)).collect_view();
    view! { <Panel id="changes" title="History"><ul class="lines">{rows}</ul></Panel> }.into_any()
}

fn change(bid: &Bid, change: Change, newest: bool) -> impl IntoView + use<> {
    let what = difference(&change.choices_before, &change.choices_after);
    let href = paths::use_cases_change(bid, &change.choices_after);
    let back = (!newest).then(|| {
        let label = "Return to this state…";
        view! { <p class="line-note"><a class="link" href=href>{label}</a></p> }
    });
    view! {
        <li class="line">
            <div class="line-main">
                <p class="line-what">{what}</p>
                <p class="line-note">
                    {change.cause.label()} " by " {change.by.name().to_owned()} ", " <Time at=change.at />
                    {change.run.is_none().then_some(" · nothing had to be brought about")}
                </p>
                <p class="line-note">"In effect afterwards: " {change.effect_after.label().to_lowercase()}</p>
                {change.reason.map(|text| view! { <p class="quote">{text}</p> })}
                {back}
            </div>
        </li>
    }
}

/// How far billers are, as it is shown.
impl Face for Readiness {
    fn tone(self) -> Tone {
        match self {
            Self::InEffect => Tone::Good,
            Self::Ready | Self::NotEnabled => Tone::Quiet,
            Self::UsersNotMoved | Self::DeltaOutstanding | Self::Suspended => Tone::Caution,
            Self::Busy => Tone::Moving,
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::InEffect => Icon::CheckCircle,
            Self::Ready => Icon::Play,
            Self::UsersNotMoved => Icon::User,
            Self::DeltaOutstanding => Icon::Upload,
            Self::Busy => Icon::Clock,
            Self::Suspended => Icon::Pause,
            Self::NotEnabled => Icon::Circle,
        }
    }

    fn word(self) -> &'static str {
        self.label()
    }
}
