//! Chosen and rejected with nothing else to tell the tool, such as hh-rlhf: the generic reader makes the item, and
//! this family says which side was preferred. Only `label import` looks at it; scoring reads these as generic pairs.

use rewardctl_core::label::Winner;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::found::generic;
use crate::sources::said::{comparison, opinion, the_file};
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

/// The name of the family in the table.
pub(super) const FAMILIES: &[Family] = &[Family {
    name: "pairs",
    title: "chosen/rejected pairs",
    fields: &["chosen", "rejected"],
    // Not recognised by looking, so that the generic reader, whose fields can be named, keeps these files.
    signature: |_| false,
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

fn read(row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let said = opinion(comparison(0, 1, Winner::A, None), the_file());
    Ok(vec![generic(row, &["chosen", "rejected"])?.saying(vec![said])])
}
