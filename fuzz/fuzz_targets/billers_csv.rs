//! Any bytes as a file of billers: they are read to their end, each row is good or explained, and no bid is good twice.

#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use services::billers_csv::{BillersCsv, FileError};

fuzz_target!(|file: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // A file that is none of billers is refused as a whole, which is an answer, too.
    let _refused = runtime.block_on(read(file));
});

async fn read(file: &[u8]) -> Result<(), FileError> {
    let mut rows = BillersCsv::open(file).await?;
    let (mut line, mut bids) = (1, HashSet::new());
    while let Some(row) = rows.next().await? {
        assert!(row.line > line, "row {} after row {line}", row.line);
        line = row.line;
        match row.result {
            Ok(draft) => assert!(bids.insert(draft.bid), "a bid is good twice"),
            Err(errors) => {
                assert!(!errors.is_empty(), "a bad row without a reason");
                assert!(errors.iter().all(|error| error.line == line && !error.cure.is_empty()));
            }
        }
    }
    Ok(())
}
