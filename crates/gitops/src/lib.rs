//! The config repository as the record of what is deployed, what is verified, and who said so.
//!
//! A deployment is one commit with trailers; a verdict is one commit on a ref that is only ever fast-forwarded. There is no other
//! state. [`ConfigRepository`] reads and writes both, by plumbing commands in a scratch repository: the user's checkout is never
//! touched.

mod access;
mod api_commit;
mod checkout;
mod commit;
mod configuration;
mod deployment;
mod environment;
mod files;
mod freeze;
mod history;
mod inputs;
mod ledger;
mod names;
mod promotion;
mod proposal;
mod publish;
mod queue;
mod record;
mod release;
mod remote;
mod restore;
pub mod settings;
mod shipped;
mod undo;
mod version_order;

pub use access::{CONFIG_TOKEN, CONFIG_USER, ConfigAccess, QUEUE_KEY, SSH_KEY, SSH_KNOWN_HOSTS};
pub use configuration::ConfigRepository;
pub use deployment::{Deployment, Rollback};
pub use environment::{Closure, Environment};
pub use files::{ConfigFile, FILE_LIMIT, WantedFiles};
pub use freeze::{FreezeWindow, Frozen, frozen};
pub use inputs::{
    COMPONENT, CONFIG_BRANCH, CONFIG_REPOSITORY, ConfigLocation, ENVIRONMENT, EnvironmentRules, FREEZE, LOCKED,
    PROMOTE_FROM, RECORD, RepositoryAddress,
};
pub use ledger::{Ledger, commit_times};
pub use names::{RecordPlace, Target};
pub use promotion::PromotionSource;
pub use queue::{Order, QueueKey, Queued};
pub use record::{Verdict, VerdictEntry, VerdictLog, VerdictRecord};
pub use release::{Release, ReleaseVersion};
pub use remote::Remote;
pub use restore::Restoration;
pub use settings::Settings;
pub use shipped::{Shipped, ShippedCommit};
pub use slipway_core::git::{FileChange, Trailers};
pub use slipway_core::{ComponentName, EnvironmentName, PathPattern};
