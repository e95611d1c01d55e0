//! The vendor's promises as gauges of `/metrics`. They are read from the database, so that every server and worker tells
//! the same.

use std::time::Duration;

use metrics::gauge;
use services::{
    Console,
    performance::{
        exposed::{Exposed, exposed},
        objectives::ObjectiveView,
        show::Figures,
    },
};

/// How often the gauges are set anew.
pub(crate) const EVERY: Duration = Duration::from_secs(30);

/// Sets the gauges anew. What is not set again, e.g. of an objective that was taken back, is no longer told a little
/// later (see [`crate::telemetry::start_metrics`]).
pub(crate) async fn set(console: &Console) {
    match exposed(console).await {
        Ok(exposed) => tell(&exposed),
        Err(error) => tracing::warn!("the vendor's figures cannot be told to monitoring: {error}"),
    }
}

fn tell(exposed: &Exposed) {
    for view in &exposed.objectives {
        objective(view);
    }
    for (group, figures) in &exposed.groups {
        measured(group.as_str(), figures);
    }
    gauge!("ciam_incidents_open").set(exposed.incidents.len() as f64);
    gauge!("ciam_alerts_firing").set(exposed.firing as f64);
    if let Some(last) = exposed.last_probe {
        gauge!("ciam_last_probe_timestamp_seconds").set(last.begins().micros() as f64 / 1e6);
    }
    if let Some(round) = &exposed.last_canary {
        gauge!("ciam_last_canary_timestamp_seconds").set(round.began.micros() as f64 / 1e6);
        gauge!("ciam_last_canary_whole").set(if round.failed.is_none() { 1.0 } else { 0.0 });
    }
}

fn objective(view: &ObjectiveView) {
    let of = &view.objective;
    let group = of.group.map_or("all", |group| group.as_str());
    let labels = [
        ("objective", of.name.clone()),
        ("group", group.to_owned()),
        ("window", of.window.as_str().to_owned()),
    ];
    gauge!("ciam_objective_target_ratio", &labels).set(of.target.share());
    gauge!("ciam_objective_unknown_minutes", &labels).set(view.unknown as f64);
    for (kind, count) in [("counted", view.standing.counted), ("raw", view.standing.raw)] {
        // What was not measured is not told: a gauge without a value is a gap, not a promise kept.
        if let Some(share) = count.share() {
            let [name, group, window] = labels.clone();
            gauge!("ciam_objective_result_ratio", &[name, group, window, ("kind", kind.to_owned())])
                .set(share);
        }
    }
    if let Some(spent) = view.standing.spent(of.target) {
        gauge!("ciam_objective_budget_left_ratio", &labels).set(1.0 - spent);
    }
    for burn in &view.burns {
        for (minutes, count) in [(burn.pace.long(), burn.long), (burn.pace.short(), burn.short)] {
            if let Some(rate) = count.burn(of.target) {
                let [name, group, window] = labels.clone();
                gauge!("ciam_objective_burn_rate", &[name, group, window, ("over", over(minutes))]).set(rate);
            }
        }
    }
}

fn measured(group: &'static str, figures: &Figures) {
    if let Some(share) = figures.tally.availability() {
        gauge!("ciam_vendor_availability_ratio", "group" => group).set(share);
    }
    for (quantile, latency) in [("0.5", figures.p50), ("0.95", figures.p95), ("0.99", figures.p99)] {
        if let Some(latency) = latency {
            gauge!("ciam_vendor_latency_seconds", "group" => group, "quantile" => quantile)
                .set(latency.as_secs_f64());
        }
    }
}

/// A length as Prometheus writes it: `5m`, `6h`, `3d`.
fn over(minutes: i64) -> String {
    match minutes {
        days if days % 1_440 == 0 => format!("{}d", days / 1_440),
        hours if hours % 60 == 0 => format!("{}h", hours / 60),
        minutes => format!("{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ObjectiveId,
        performance::{
            Burn, Count, Indicator, Minute, Objective, OperationGroup, Pace, Range, Standing, Window,
        },
    };
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::runtime::{SystemClock, SystemEntropy};

    fn view(counted: Count) -> ObjectiveView {
        let objective = Objective {
            id: ObjectiveId::new(&SystemClock, &SystemEntropy),
            name: "Pools \"and\" users".to_owned(),
            group: Some(OperationGroup::Identity),
            indicator: Indicator::Available,
            target: "99".parse().unwrap(),
            window: Window::Month,
            clause: None,
        };
        let raw = Count { good: counted.good, valid: counted.valid + counted.good };
        ObjectiveView {
            objective,
            range: Range { from: Minute(0), to: Minute(100) },
            standing: Standing { counted, raw, elapsed: 50, whole: 100 },
            burns: vec![Burn { pace: Pace::Fast, long: counted, short: Count::default() }],
            burn_down: Vec::new(),
            unknown: 7,
            left_out: 0,
        }
    }

    fn told(objectives: Vec<ObjectiveView>) -> String {
        let recorder = PrometheusBuilder::new().build_recorder();
        let (groups, incidents) = (Vec::new(), Vec::new());
        let exposed =
            Exposed { objectives, groups, incidents, firing: 2, last_probe: None, last_canary: None };
        metrics::with_local_recorder(&recorder, || tell(&exposed));
        recorder.handle().render()
    }

    #[test]
    fn a_promise_is_told_with_its_budget_and_how_fast_it_is_spent() {
        let told = told(vec![view(Count { good: 98, valid: 100 })]);
        let labels = r#"objective="Pools \"and\" users",group="identity",window="month""#;
        for line in [
            format!("ciam_objective_target_ratio{{{labels}}} 0.99"),
            format!("ciam_objective_result_ratio{{{labels},kind=\"counted\"}} 0.98"),
            format!("ciam_objective_burn_rate{{{labels},over=\"1h\"}} 2"),
            format!("ciam_objective_unknown_minutes{{{labels}}} 7"),
            "ciam_alerts_firing 2".to_owned(),
            "ciam_incidents_open 0".to_owned(),
        ] {
            let starts = told.lines().any(|told| told.starts_with(&line));
            assert!(starts, "{line} is not in\n{told}");
        }
        let left = told.lines().find(|line| line.starts_with("ciam_objective_budget_left_ratio")).unwrap();
        let left: f64 = left.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(left.abs() < 1e-9, "twice too fast over half the window: {left}");
    }

    #[test]
    fn what_was_not_measured_is_not_told() {
        let told = told(vec![view(Count::default())]);
        assert!(told.contains("ciam_objective_target_ratio"), "{told}");
        for absent in ["result_ratio", "budget_left", "burn_rate", "last_probe", "last_canary"] {
            assert!(!told.contains(absent), "{absent}: {told}");
        }
    }
}
