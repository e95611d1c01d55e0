//! Which page stands at which address.

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::pages::{
    activity::ActivityPage,
    biller::{BillerActivityPage, BillerPage, BillerUseCasesPage},
    billers::BillersPage,
    deliveries::DeliveriesPage,
    delivery::DeliveryPage,
    emergencies::EmergenciesPage,
    enable::EnablePage,
    import::ImportPage,
    import_preview::ImportPreviewPage,
    migration::{MigrationPage, MigrationReportPage, MigrationsPage},
    nowhere::NowherePage,
    overview::OverviewPage,
    performance::{
        IncidentPage, IncidentsPage, LicencePage, ObjectivesPage, PerformancePage, ReportPage, SignInsPage,
    },
    resume::ResumePage,
    secret::SecretPage,
    sessions::SessionsPage,
    settings::{
        BillerSettingsPage, ChangeRequestPage, CopySettingsPage, DefaultSettingsPage, DriftListPage,
        ProposalPage,
    },
    sign_in::SignInPage,
    suspend::SuspendPage,
    test_sign_in::TestSignInPage,
    use_case_defaults::UseCaseDefaultsPage,
    use_cases::UseCasesPage,
    use_cases_change::UseCasesChangePage,
    users::{MirrorPage, UserEditPage, UserNewPage, UserPage, UsersPage},
    wave::WavePage,
    wave_new::WaveNewPage,
    waves::WavesPage,
};

/// All pages. Each is rendered whole before it is sent, so that it works without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    const ASYNC: SsrMode = SsrMode::Async;
    view! {
        <Router>
            <FlatRoutes fallback=NowherePage>
                <Route path=path!("/") view=OverviewPage ssr=ASYNC />
                <Route path=path!("/sign-in") view=SignInPage ssr=ASYNC />
                <Route path=path!("/billers") view=BillersPage ssr=ASYNC />
                <Route path=path!("/billers/:bid") view=BillerPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/enable") view=EnablePage ssr=ASYNC />
                <Route path=path!("/billers/:bid/suspend") view=SuspendPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/resume") view=ResumePage ssr=ASYNC />
                <Route path=path!("/billers/:bid/secret") view=SecretPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/use-cases") view=BillerUseCasesPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/use-cases/change") view=UseCasesChangePage ssr=ASYNC />
                <Route path=path!("/billers/:bid/test-sign-in") view=TestSignInPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/activity") view=BillerActivityPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/migration") view=MigrationPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/migration/report") view=MigrationReportPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/users") view=UsersPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/users/new") view=UserNewPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/users/:user") view=UserPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/users/:user/edit") view=UserEditPage ssr=ASYNC />
                <Route path=path!("/mirror") view=MirrorPage ssr=ASYNC />
                <Route path=path!("/migrations") view=MigrationsPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/settings") view=BillerSettingsPage ssr=ASYNC />
                <Route path=path!("/billers/:bid/settings/copy") view=CopySettingsPage ssr=ASYNC />
                <Route path=path!("/drift") view=DriftListPage ssr=ASYNC />
                <Route path=path!("/settings") view=DefaultSettingsPage ssr=ASYNC />
                <Route path=path!("/settings/changes/:id") view=ProposalPage ssr=ASYNC />
                <Route path=path!("/settings/requests/:id") view=ChangeRequestPage ssr=ASYNC />
                <Route path=path!("/import") view=ImportPage ssr=ASYNC />
                <Route path=path!("/import/:id") view=ImportPreviewPage ssr=ASYNC />
                <Route path=path!("/emergencies") view=EmergenciesPage ssr=ASYNC />
                <Route path=path!("/use-cases") view=UseCasesPage ssr=ASYNC />
                <Route path=path!("/use-cases/defaults") view=UseCaseDefaultsPage ssr=ASYNC />
                <Route path=path!("/waves") view=WavesPage ssr=ASYNC />
                <Route path=path!("/waves/new") view=WaveNewPage ssr=ASYNC />
                <Route path=path!("/waves/:id") view=WavePage ssr=ASYNC />
                <Route path=path!("/deliveries") view=DeliveriesPage ssr=ASYNC />
                <Route path=path!("/deliveries/:id") view=DeliveryPage ssr=ASYNC />
                <Route path=path!("/performance") view=PerformancePage ssr=ASYNC />
                <Route path=path!("/performance/objectives") view=ObjectivesPage ssr=ASYNC />
                <Route path=path!("/performance/incidents") view=IncidentsPage ssr=ASYNC />
                <Route path=path!("/performance/incidents/:id") view=IncidentPage ssr=ASYNC />
                <Route path=path!("/performance/licence") view=LicencePage ssr=ASYNC />
                <Route path=path!("/performance/sign-ins") view=SignInsPage ssr=ASYNC />
                <Route path=path!("/performance/report") view=ReportPage ssr=ASYNC />
                <Route path=path!("/sessions") view=SessionsPage ssr=ASYNC />
                <Route path=path!("/activity") view=ActivityPage ssr=ASYNC />
            </FlatRoutes>
        </Router>
    }
}
