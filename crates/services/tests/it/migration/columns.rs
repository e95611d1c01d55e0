//! Columns are chosen anew: every row is judged as if the earlier choice had never been.

use domain::migration::SourceField;

use super::*;

/// The users of a biller at SecureAuth: IC's id, the id there, and the e-mail address.
fn there(world: &World, bid: &Bid) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    users_at_vendor(world, bid)
        .iter()
        .map(|user| {
            let email = text(&user["verifiable_addresses"][0]["address"]);
            (text(&user["metadata"]["ic_ref"]), (text(&user["id"]), email))
        })
        .collect()
}

#[tokio::test]
async fn a_row_that_turns_out_to_be_somebody_else_is_sent_as_that_user() {
    World::each(async |world: World| {
        let bid = world.enabled_biller("4711", "City of Abbeville").await;
        let first = checked(&world, &bid, &file(3)).await;
        ask(&world, first, MigrationAct::Start).await;
        world.work().await;
        let before = there(&world, &bid);
        world.clock.advance(Duration::from_secs(3_600));

        // Taken by `id` the rows are the users 0, 1 and 2; by `member` they are 1, 0 and somebody new.
        let rows = ["0,1,anna", "1,0,berta", "2,9,clara"].map(|row| {
            let name = row.rsplit(',').next().unwrap();
            format!("{row},{name}@x.example,active,{BCRYPT}\n")
        });
        let text = format!("id,member,username,email,status,password\n{}", rows.concat());
        let id = checked(&world, &bid, &text).await;
        let mut mapping = find(&world, id).await.mapping;
        assert_eq!(mapping.columns[&SourceField::Reference], "id");
        mapping.columns.insert(SourceField::Reference, "member".to_owned());
        let ops = world.person(Role::Ops);
        migration::choose_columns(&world.console, &ops, id, mapping).await.unwrap();
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Checked);
        ask(&world, id, MigrationAct::Start).await;
        world.work().await;
        assert_eq!(find(&world, id).await.state, MigrationState::Finished);

        let after = there(&world, &bid);
        let user = |all: &BTreeMap<String, (String, String)>, reference: &str| all[reference].clone();
        for (reference, email) in [("0", "berta@x.example"), ("1", "anna@x.example")] {
            let (id, _) = user(&before, reference);
            assert_eq!(user(&after, reference), (id, email.to_owned()), "{reference}");
        }
        assert_eq!(user(&after, "2"), user(&before, "2"), "nobody asked for this user to be changed");
        let (new, email) = user(&after, "9");
        assert_eq!(email, "clara@x.example");
        assert!(before.values().all(|(id, _)| *id != new), "a new user has an id of its own");
    })
    .await;
}
