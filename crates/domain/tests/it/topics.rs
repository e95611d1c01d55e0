//! What a page follows live.

use domain::{WaveId, topic::Topic};
use proptest::prelude::*;
use uuid::Uuid;

use crate::samples::any_bid;

proptest! {
    #[test]
    fn a_topic_survives_the_address_of_the_stream(bid in any_bid(), id: u128) {
        for topic in [Topic::Biller(bid), Topic::Wave(WaveId::from_uuid(Uuid::from_u128(id))), Topic::Billers] {
            prop_assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }
}

#[test]
fn what_is_no_topic_is_refused() {
    for text in
        ["", ":", "billers:34", "biller", "biller:", "biller:a/b", "wave:34", "Activity", "activity:1"]
    {
        assert!(text.parse::<Topic>().is_err(), "{text:?}");
    }
}
