//! Licence and analytics: what may be used, and what was (vendor contract, numbers).

use domain::Timestamp;
use url::Url;

use crate::{
    client::SecureAuth,
    error::CallError,
    model::{Figure, License, Point, Points, SinglePoint, Usage, WorkspaceId},
    operation::Operation,
    transport::Call,
};

impl SecureAuth {
    /// The licence of the tenant.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn get_license(&self) -> Result<License, CallError> {
        let url = self.shared.routes.licensing(&["admin", "license"]);
        self.read(&Call::new(Operation::GetLicense, url)).await
    }

    /// What the licence meters, and how much of it is used.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn get_usage(&self) -> Result<Usage, CallError> {
        let url = self.shared.routes.licensing(&["admin", "usage"]);
        self.read(&Call::new(Operation::GetUsage, url)).await
    }

    /// How many users the tenant has in all pools; `None` where the vendor does not say.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn count_users(&self) -> Result<Option<u64>, CallError> {
        let mut url = self.shared.routes.analytics(&["users"]);
        url.query_pairs_mut().append_pair("function", "count_all").append_pair("bucket", "all");
        let points: Points<SinglePoint> = self.read(&Call::new(Operation::CountUsers, url)).await?;
        Ok(points.data.last().and_then(SinglePoint::count))
    }

    /// A figure of the requests that the vendor served, by day (UTC) and by the vendor's name of the API.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn request_figures(
        &self,
        figure: Figure,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, CallError> {
        let mut url = self.shared.routes.analytics(&["http-requests", "api"]);
        url.query_pairs_mut().append_pair("function", figure.as_str());
        daily(&mut url, from, to);
        let points: Points<Point> = self.read(&Call::new(Operation::RequestFigures, url)).await?;
        Ok(points.data)
    }

    /// Sign-ins at a workspace or organization by day (UTC) and result: `success`, `failure`.
    ///
    /// # Errors
    /// Any [`CallError`] of a read.
    pub async fn count_sign_ins(
        &self,
        workspace: &WorkspaceId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Point>, CallError> {
        let path = ["servers", workspace.as_str(), "authentications", "result"];
        let mut url = self.shared.routes.analytics(&path);
        daily(&mut url, from, to);
        let points: Points<Point> = self.read(&Call::new(Operation::CountSignIns, url)).await?;
        Ok(points.data)
    }
}

fn daily(url: &mut Url, from: Timestamp, to: Timestamp) {
    url.query_pairs_mut()
        .append_pair("bucket", "1d")
        .append_pair("from", &from.rfc3339())
        .append_pair("to", &to.rfc3339());
}
