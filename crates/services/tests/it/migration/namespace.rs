//! Everything by which people of a pool are known belongs to one of them alone, and a rejected row stays rejected.

use super::*;

/// Of every line: what becomes of it, and why.
async fn lines(world: &World, id: MigrationId) -> BTreeMap<i64, (RowState, Vec<(Cause, String)>)> {
    let mut conn = world.console.store.read().await.unwrap();
    let mut found = BTreeMap::new();
    for state in RowState::ALL {
        for row in user_migrations::by_state(&mut conn, id, *state, 0, 1_000).await.unwrap() {
            let why = row.problems.into_iter().map(|it| (it.cause, it.detail)).collect();
            found.insert(row.line, (*state, why));
        }
    }
    found
}

#[tokio::test]
async fn a_name_that_is_somebody_elses_phone_or_address_is_a_duplicate() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let text = format!(
            "{HEADER}\n1,ann,ann@x.example,+15550100199,active,{BCRYPT}\n2,+15550100199,bob@x.example,,,{BCRYPT}\n\
             3,+15550100200,,,active,{BCRYPT}\n4,eve,,+15550100200,,{BCRYPT}\n5,Ann@X.example,,,,{BCRYPT}\n\
             6,+15550100201,,+15550100201,,{BCRYPT}\n7,ANN,,,,{BCRYPT}\n"
        );
        let id = checked(&world, &bid, &text).await;
        let said = lines(&world, id).await;
        let of = |line: i64| (said[&line].0, said[&line].1.iter().map(|it| it.0).collect::<Vec<_>>());
        assert_eq!(of(2), (RowState::Ready, vec![]));
        assert_eq!(of(3), (RowState::Rejected, vec![Cause::DoubledIdentifier]));
        assert_eq!(said[&3].1[0].1, "stands on line 2 already, as a phone number");
        assert_eq!(of(4), (RowState::Ready, vec![]));
        assert_eq!(of(5), (RowState::Ready, vec![Cause::SharedPhone]));
        assert_eq!(said[&5].1[0].1, "stands on line 4 already, as a username");
        assert_eq!(of(6), (RowState::Rejected, vec![Cause::DoubledIdentifier]));
        assert_eq!(said[&6].1[0].1, "stands on line 2 already, as an e-mail address");
        assert_eq!(of(7), (RowState::Ready, vec![]), "a phone may be one's own username");
        assert_eq!(of(8), (RowState::Rejected, vec![Cause::DoubledByCase]));
        assert_eq!(said[&8].1[0].1, "stands on line 2 already");

        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        let it = find(&world, id).await;
        assert_eq!(it.state, MigrationState::Finished, "{:?}", it.stop);
        assert_eq!(in_state(&world, id, RowState::Verified).await, 4);
        assert_eq!(in_state(&world, id, RowState::Failed).await, 0, "SecureAuth refused nobody");
    })
    .await;
}

#[tokio::test]
async fn a_rejected_row_stays_rejected_also_where_it_was_moved_before() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let first = checked(&world, &bid, &file(2)).await;
        ask(&world, first, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(in_state(&world, first, RowState::Verified).await, 2);

        // The same person twice: which of the two rows is right, a person says.
        let again = format!("{}1,user1,user1@x.example,,active,{BCRYPT}\n9,USER1,,,,{BCRYPT}\n", file(2));
        let second = checked(&world, &bid, &again).await;
        let said = lines(&world, second).await;
        assert_eq!((said[&2].0, said[&3].0), (RowState::Unchanged, RowState::Unchanged));
        assert_eq!(said[&4].0, RowState::Rejected, "{said:?}");
        assert_eq!(said[&4].1, [(Cause::DoubledReference, "stands on line 3 already".to_owned())]);
        assert_eq!((said[&5].0, said[&5].1[0].0), (RowState::Rejected, Cause::InPool));
        let counted = counts(&world, second).await;
        let rejected = counted.iter().filter(|(_, n)| **n > 0).map(|(count, n)| (*count, *n));
        let rejected: BTreeMap<Count, u64> = rejected.collect();
        assert_eq!(rejected[&Count::State(RowState::Rejected)], rejected[&Count::Verdict(Verdict::Reject)]);
    })
    .await;
}
