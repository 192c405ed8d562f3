//! Who events are sent to, and who brings them there.

use super::client::{Client, StartError};
use super::courier::Courier as Api;
use super::dispatch::Dispatch;
use super::endpoint::Endpoint;
use super::inbox::Parcel;
#[cfg(feature = "otlp")]
use super::otlp;
#[cfg(feature = "otlp")]
use crate::config::OtlpTarget;

#[derive(Clone)]
pub(super) enum Destination {
    /// The ingest API.
    Api(Endpoint),
    /// A backend of OpenTelemetry.
    #[cfg(feature = "otlp")]
    Otlp(Box<OtlpTarget>),
}

pub(super) enum Courier {
    Api(Api),
    #[cfg(feature = "otlp")]
    Otlp(Box<otlp::Courier>),
}

impl Courier {
    pub(super) async fn to(to: Destination, dispatch: Dispatch) -> Result<Self, StartError> {
        Ok(match to {
            Destination::Api(endpoint) => Self::Api(Api {
                client: Client::new(endpoint).await?,
                dispatch,
            }),
            #[cfg(feature = "otlp")]
            Destination::Otlp(target) => {
                Self::Otlp(Box::new(otlp::Courier::new(*target, dispatch).await?))
            }
        })
    }

    /// Delivers events that may travel together, and reports what became of them.
    pub(super) async fn deliver(&self, parcel: Parcel) {
        match self {
            Self::Api(courier) => courier.deliver(parcel).await,
            #[cfg(feature = "otlp")]
            Self::Otlp(courier) => courier.deliver(parcel).await,
        }
    }

    /// Delivers what waits for more that will not come.
    #[cfg_attr(
        not(feature = "otlp"),
        expect(clippy::unused_async, reason = "the ingest API waits for nothing")
    )]
    pub(super) async fn finish(&self) {
        match self {
            Self::Api(_) => {}
            #[cfg(feature = "otlp")]
            Self::Otlp(courier) => courier.finish().await,
        }
    }
}
