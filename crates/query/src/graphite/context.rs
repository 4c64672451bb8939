//! What a request says beside its targets.

use super::events::{Events, NoEvents};
use super::naming::Naming;
use crate::Limits;
use model::{TierChoice, Zone};

/// A request for [`super::render`].
pub struct Context<'a> {
    /// Start of the range in Unix seconds; instants after it are answered.
    pub from_s: i64,
    /// End of the range in Unix seconds; instants up to it are answered.
    pub until_s: i64,
    /// The present in Unix seconds, for times within targets.
    pub now_s: i64,
    /// In which days begin, and times within targets are.
    pub zone: Zone,
    /// Which part of the values must be there where several become one, unless a target says.
    pub x_files_factor: Option<f64>,
    /// How many values a chart can show. Ranges that are very long are then answered from coarser tiers; it does not
    /// consolidate what functions gave, see [`super::consolidate`].
    pub points_max: Option<usize>,
    /// Values of templates' variables that win over those in the targets.
    pub variables: Vec<(String, String)>,
    /// How series without a path of their own are called.
    pub naming: Naming,
    /// Where `events()` looks.
    pub events: &'a dyn Events,
    /// How much it may take.
    pub limits: Limits,
    /// From which tier to answer.
    pub tier: TierChoice,
    /// Asked now and then; when it says true the request ends with an error.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Context<'_> {
    /// A request with the usual limits that nobody cancels. The present is the end of its range.
    pub fn new(from_s: i64, until_s: i64) -> Self {
        Self {
            from_s,
            until_s,
            now_s: until_s,
            zone: Zone::utc(),
            x_files_factor: None,
            points_max: None,
            variables: Vec::new(),
            naming: Naming::default(),
            events: &NoEvents,
            limits: Limits::default(),
            tier: TierChoice::Auto,
            cancelled: &|| false,
        }
    }
}
