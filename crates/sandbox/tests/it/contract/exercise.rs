//! Every operation of the sandbox over plain HTTP, good and bad, and what comes back against the files.

use std::collections::BTreeSet;

use reqwest::Method;
use sandbox::{Fault, FaultRule, ObjectKind, RateLimit, Sandbox, SandboxConfig};
use serde_json::{Value, json};

use super::{assert_keeps, check::Strictness, recorded, recorder::Recorder, spec, table::OWN_PAGES};
use crate::world::{Biller, World, send};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

#[tokio::test]
async fn every_answer_of_the_sandbox_keeps_the_contract() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    let biller = world.biller("acme").await;
    organizations(&world).await;
    workspaces(&world).await;
    bindings(&world, &biller).await;
    applications(&world).await;
    themes(&world).await;
    pools(&world).await;
    users(&world, &biller).await;
    issuers(&world, &biller).await;
    vanity_domains(&world).await;
    self_service(&world, &biller).await;
    audit_events(&world).await;
    numbers(&world).await;
    let exchanges = recorder.exchanges();
    assert_keeps(&mut contract, &exchanges, Strictness::Both);
    refusals(&world).await;
    assert_keeps(&mut contract, &recorder.exchanges()[exchanges.len()..], Strictness::Answer);

    let succeeded: BTreeSet<String> = exchanges
        .iter()
        .filter(|exchange| exchange.status.as_u16() < 400)
        .map(|exchange| contract.find(exchange.method.as_str(), exchange.uri.path()).unwrap().name)
        .collect();
    let missing: Vec<String> = Sandbox::operations()
        .map(|operation| operation.name)
        .filter(|name| !succeeded.contains(name) && !OWN_PAGES.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "never exercised: {missing:?}");
}

async fn organizations(world: &World) {
    let full = json!({
        "id": "full", "name": "Full", "description": "All fields", "parent_id": "billers", "color": "#112233",
        "domains": ["full.example"], "template": true, "deactivated": false,
        "authentication_mechanisms": ["password", "email_otp"],
        "metadata": {"payload": {"bid": 1, "tags": ["a"], "deep": {"x": null}}, "schema": {"type": "object"}},
    });
    world.admin(POST, "/organizations", Some(full.clone())).await.expect(201);
    let heir = json!({"id": "heir", "name": "Heir", "template_id": "full", "parent_id": "billers"});
    world.admin(POST, "/organizations", Some(heir.clone())).await.expect(201);
    let query =
        "?search_phrase=f&template=true&parent_id=billers&sort=name&order=desc&limit=1&with_child_count=true";
    world.admin(GET, &format!("/organizations{query}"), None).await.expect(200);
    world
        .admin(GET, "/organizations?after_organization_id=acme&before_organization_id=full", None)
        .await
        .expect(200);
    world.admin(GET, "/organizations/full", None).await.expect(200);
    world.admin(PUT, "/organizations/full", Some(full)).await.expect(200);
    let metadata = json!({"payload": {"bid": 2}});
    world.admin(PUT, "/organizations/full/metadata", Some(metadata)).await.expect(200);
    world.admin(DELETE, "/organizations/full", None).await.expect(204);
    let system = json!({"id": "sys", "name": "System made", "parent_id": "billers"});
    world.system(POST, "/organizations", Some(system.clone())).await.expect(201);
    world.system(GET, "/organizations?limit=100&sort=name&order=desc", None).await.expect(200);
    world.system(GET, "/organizations/sys", None).await.expect(200);
    world.system(PUT, "/organizations/sys", Some(system)).await.expect(200);
    world.system(DELETE, "/organizations/sys", None).await.expect(204);
}

async fn workspaces(world: &World) {
    let body = json!({"tenant_id": "sandbox", "id": "ws", "name": "Workspace",
        "sso": {"enabled": true, "max_age": "12h0m0s"}, "styling": {"colors": {"primary": "#000000"}}});
    let path = "/servers?with_identity_pool=true&with_identity_pool_idp=true&with_demo_client=false";
    world.admin(POST, path, Some(body.clone())).await.expect(201);
    world
        .admin(GET, "/servers?server_types=regular,organization&search_phrase=w&limit=3", None)
        .await
        .expect(200);
    world.admin(GET, "/servers/ws", None).await.expect(200);
    world.admin(PUT, "/servers/ws", Some(body)).await.expect(200);
    world.admin(GET, "/workspaces?workspace_types=regular&template=false&order=desc", None).await.expect(200);
    world.admin(GET, "/workspaces/ws", None).await.expect(200);
    world.admin(DELETE, "/servers/ws", None).await.expect(204);
    world.admin(POST, "/servers", Some(json!({"tenant_id": "sandbox", "id": "ws2"}))).await.expect(201);
    world.system(DELETE, "/servers/ws2", None).await.expect(204);
    world.admin(GET, "/environment", None).await.expect(200);
}

async fn bindings(world: &World, biller: &Biller) {
    let list = world.admin(GET, "/servers/acme/idps", None).await.expect(200).json();
    let at = format!("/servers/acme/idps/identity_pool/{}", biller.binding);
    world.admin(GET, &at, None).await.expect(200);
    let mut body = list["idps"][0].clone();
    body["mappings"] =
        json!([{"source": "email", "target": "email", "type": "string", "allow_weak_decoding": true}]);
    body["attributes"] = json!([{"name": "email", "type": "string", "labels": [], "description": "E-mail"}]);
    body["discovery_settings"] = json!({"identifier_based_matching": true, "domains": ["x.example"]});
    world.admin(PUT, &at, Some(body)).await.expect(200);
    world.admin(GET, &format!("/pools/{}/idps", biller.pool), None).await.expect(200);
    let second = json!({"id": "second", "name": "Second", "identity_pool_id": biller.pool});
    world.admin(POST, "/servers/acme/idps/identity_pool", Some(second)).await.expect(201);
    world.admin(DELETE, "/servers/acme/idps/second", None).await.expect(204);
}

async fn applications(world: &World) {
    let body = json!({
        "tenant_id": "sandbox", "authorization_server_id": "acme", "client_id": "full", "client_name": "Full",
        "description": "All we use", "redirect_uris": ["https://x.example/cb"], "post_logout_redirect_uris": [],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scopes": ["openid"],
        "token_endpoint_auth_method": "private_key_jwt", "subject_type": "public", "trusted": true,
        "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "alg": "ES256", "use": "sig"}]},
        "metadata": {"bid": "1"}, "token_ttls": {"id_token_ttl": "1h0m0s"}, "client_status": "active",
    });
    world.admin(POST, "/clients?application_purpose=server_web", Some(body.clone())).await.expect(201);
    world.admin(GET, "/clients/full", None).await.expect(200);
    world.admin(PUT, "/clients/full", Some(body)).await.expect(200);
    let list = "/servers/acme/clients?type=internal&client_types=oauth2&sort=issued_at&order=desc&limit=10";
    world.admin(GET, list, None).await.expect(200);
    world.admin(POST, "/clients/acme-portal/rotateSecret?auto_revoke_after=2h0m0s", None).await.expect(200);
    world.admin(GET, "/clients/acme-portal", None).await.expect(200);
    world.admin(POST, "/clients/acme-portal/revokeRotatedSecrets", None).await.expect(204);
    world.admin(DELETE, "/clients/full", None).await.expect(204);
}

async fn themes(world: &World) {
    let theme =
        json!({"tenant_id": "sandbox", "id": "t", "name": "Theme", "logo_url": "https://x.example/l.svg"});
    world.admin(POST, "/theme", Some(theme.clone())).await.expect(201);
    world.admin(PUT, "/theme/t", Some(theme)).await.expect(200);
    world.admin(GET, "/theme/t", None).await.expect(200);
    world.admin(GET, "/themes", None).await.expect(200);
    world.admin(POST, "/servers/acme/bind-theme/t", None).await.expect(200);
    world.admin(GET, "/servers/acme/theme", None).await.expect(200);
    world.admin(GET, "/organizations/acme", None).await.expect(200);
    world.admin(POST, "/servers/acme/unbind-theme", None).await.expect(200);
    world.admin(DELETE, "/theme/t", None).await.expect(204);
}

async fn pools(world: &World) {
    let body = json!({
        "tenant_id": "sandbox", "id": "p", "name": "Pool 1", "description": "All we use",
        "authentication_mechanisms": ["password"], "second_factor_authentication_mechanisms": [],
        "identifier_case_insensitive": true, "public_registration_allowed": false, "metadata": {"bid": "1"},
        "password_policy": {"min_length": 8, "strength": "fair"}, "second_factor_threshold": 0.5,
        "otp_settings": {"activation": {"length": 6, "ttl": "10m0s"}},
        "password_settings": {"hashing_method": "argon2", "expires_after": "0s"},
    });
    let schema = json!({"tenant_id": "sandbox", "id": "people", "name": "People", "description": "All we use",
        "schema": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}});
    world.identity(POST, "/schemas", Some(schema.clone())).await.expect(201);
    world.identity(POST, "/schemas", Some(schema)).await.expect(409);
    world.identity(GET, "/schemas/people", None).await.expect(200);
    world.identity(POST, "/pools", Some(body.clone())).await.expect(201);
    world.identity(GET, "/pools?search_phrase=pool&sort=name&order=desc&limit=2", None).await.expect(200);
    world.identity(GET, "/pools/p", None).await.expect(200);
    world.identity(PUT, "/pools/p", Some(body)).await.expect(200);
    world.identity(GET, "/workspace/acme/pools", None).await.expect(200);
    world.identity(DELETE, "/pools/p?with_idp=false", None).await.expect(204);
    let own = json!({"tenant_id": "sandbox", "id": "own", "name": "Own"});
    world.identity(POST, "/workspace/acme/pools?with_idp=true", Some(own)).await.expect(201);
    world.identity(DELETE, "/workspace/acme/pools/own?with_idp=true", None).await.expect(204);
    let system = json!({"tenant_id": "sandbox", "id": "s", "name": "System made", "workspace_id": "acme"});
    world.identity_system(POST, "/pools", Some(system.clone())).await.expect(201);
    world.identity_system(GET, "/pools?after_pool_id=a", None).await.expect(200);
    world.identity_system(GET, "/pools/s", None).await.expect(200);
    world.identity_system(PUT, "/pools/s", Some(system)).await.expect(200);
    world.identity_system(GET, "/workspace/acme/pools", None).await.expect(200);
    world.identity_system(DELETE, "/pools/s", None).await.expect(204);
}

fn person(name: &str) -> Value {
    json!({
        "id": name, "status": "new", "payload": {"name": name}, "metadata": {"crm": 1},
        "preferences": {"mfa": {"preferred_2fa": "totp"}},
        "identifiers": [{"identifier": name, "type": "uid", "metadata": {"from": "crm"}}],
        "verifiable_addresses": [{"address": format!("{name}@x.example"), "type": "email", "status": "active",
            "verified": true, "allowed_for_2fa": false}],
        "credentials": [{"type": "password", "password": "pass word 1", "must_be_changed": true}],
    })
}

/// An import of one user with everything it may have.
fn dump(pool: &str) -> Value {
    let stamp = "2026-01-01T00:00:00Z";
    let base = json!({"tenant_id": "sandbox", "user_pool_id": pool, "user_id": "moved", "created_at": stamp,
        "updated_at": stamp});
    let with = |fields: Value| {
        let mut record = base.as_object().cloned().unwrap();
        record.extend(fields.as_object().cloned().unwrap());
        Value::Object(record)
    };
    let config = json!({"method": "bcrypt", "bcrypt": {"cost": 5}});
    let crypt = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    json!({
        "users": [{"id": "moved", "tenant_id": "sandbox", "user_pool_id": pool, "status": "active",
            "payload": {"given_name": "Ann"}, "metadata": {"ref": "7"}, "created_at": stamp, "updated_at": stamp}],
        "user_identifiers": [with(json!({"id": "i", "identifier": "Ann", "identifier_lc": "ann", "type": "uid"}))],
        "user_verifiable_addresses": [with(json!({"id": "a", "address": "ann@x.example", "type": "email",
            "address_lc": "ann@x.example", "status": "active", "verified": true, "verified_at": stamp}))],
        "user_credentials": [with(json!({"id": "c", "type": "password", "state": "valid",
            "payload": {"hashed_password": {"value": crypt, "config": config}}}))],
    })
}

async fn users(world: &World, biller: &Biller) {
    let pool = format!("/pools/{}", biller.pool);
    let (users, update) = (format!("{pool}/users"), json!({"status": "active", "payload": {"name": "New"}}));
    world.identity(POST, &users, Some(person("bob"))).await.expect(201);
    world.identity(GET, &format!("{users}?limit=1&after_user_id=a"), None).await.expect(200);
    world.identity(GET, &users, None).await.expect(200);
    world.identity(GET, &format!("{users}/bob"), None).await.expect(200);
    world.identity(PUT, &format!("{users}/bob"), Some(update.clone())).await.expect(200);
    user_parts(world, &users).await;
    world.identity(DELETE, &format!("{users}/bob"), None).await.expect(204);
    world.identity_system(POST, &users, Some(person("eve"))).await.expect(201);
    world.identity_system(GET, &users, None).await.expect(200);
    world.identity_system(GET, &format!("{users}/eve"), None).await.expect(200);
    world.identity_system(PUT, &format!("{users}/eve"), Some(update)).await.expect(200);
    let path = format!("/api/identity/system{users}/eve");
    let stale = world.request("system", GET, &path).header("if-match", "\"old\"");
    send(stale).await.expect(412);
    let verify = format!("{pool}/user/password/v2/verify");
    let right = json!({"identifier": "eve", "password": "pass word 1"});
    world.identity_system(POST, &verify, Some(right)).await.expect(200);
    let nobody = json!({"identifier": "nobody", "password": "x"});
    world.identity_system(POST, &verify, Some(nobody)).await.expect(200);
    world.identity_system(DELETE, &format!("{users}/eve"), None).await.expect(204);
    let import = world.request("system", PUT, "/api/identity/configuration").json(&dump(&biller.pool));
    send(import).await.expect(204);
    world.identity(GET, &format!("{users}/moved"), None).await.expect(200);
    world.identity(DELETE, &format!("{users}/moved"), None).await.expect(204);
    let revoke = json!({"users": [Biller::USER]});
    world.admin(DELETE, &format!("{pool}/tokens"), Some(revoke.clone())).await.expect(204);
    world.system(DELETE, &format!("{pool}/tokens"), Some(revoke)).await.expect(204);
    let subjects = json!({"subjects": [Biller::USER]});
    world.admin(DELETE, "/servers/acme/tokens", Some(subjects.clone())).await.expect(204);
    world.system(DELETE, "/servers/acme/tokens", Some(subjects)).await.expect(204);
}

/// Identifiers, addresses, messages and the password's state of one user.
async fn user_parts(world: &World, users: &str) {
    let bob = format!("{users}/bob");
    let mail = json!({"address": "new@x.example", "type": "email", "verified": false});
    world.identity(POST, &format!("{bob}/addresses/add"), Some(mail.clone())).await.expect(200);
    world.identity(POST, &format!("{bob}/addresses/add"), Some(mail)).await.expect(409);
    let verified = json!({"address": "new@x.example", "status": "active", "verified": true});
    let shown =
        world.identity(POST, &format!("{bob}/addresses/update"), Some(verified)).await.expect(200).json();
    assert_eq!(shown["verified"], true);
    let name = json!({"identifier": "New@x.example", "type": "email"});
    world.identity(POST, &format!("{bob}/identifiers/add"), Some(name.clone())).await.expect(200);
    let taken = json!({"identifier": Biller::USER, "type": "uid"});
    world.identity(POST, &format!("{bob}/identifiers/add"), Some(taken)).await;
    world
        .identity(POST, &format!("{bob}/identifiers/remove"), Some(json!({"identifier": "new@x.example"})))
        .await
        .expect(204);
    world
        .identity(POST, &format!("{bob}/identifiers/remove"), Some(json!({"identifier": "new@x.example"})))
        .await
        .expect(404);
    let reset = json!({"address": "new@x.example"});
    world
        .identity(POST, &format!("{bob}/password/reset/request?server_id=acme"), Some(reset))
        .await
        .expect(204);
    world
        .identity(POST, &format!("{bob}/addresses/remove"), Some(json!({"address": "new@x.example"})))
        .await
        .expect(204);
    let must = json!({"state": "must_be_reset"});
    world.identity(PUT, &format!("{bob}/password/state"), Some(must)).await.expect(204);
    let activate = format!("{bob}/activation/send?mode=invitation&server_id=acme");
    world.identity(POST, &activate, Some(json!({}))).await.expect(422);
    world.identity(PUT, &bob, Some(json!({"status": "new"}))).await.expect(200);
    world.identity(POST, &activate, Some(json!({}))).await.expect(204);
}

async fn vanity_domains(world: &World) {
    let path = "/vanity-domains";
    world.admin(GET, "/vanity-domains?server_id=acme", None).await.expect(404);
    let mut body = json!({"domain": "login.acme.example", "type": "server", "server_id": "acme", "tenant_id": "sandbox",
        "cert": "PEM", "key": "PEM", "base_path": "/x", "api_key": "k"});
    let made = world.admin(POST, path, Some(body.clone())).await.expect(200).json();
    assert!(made.get("key").is_none(), "a private key is never answered");
    world.admin(POST, path, Some(body.clone())).await.expect(409);
    world.admin(GET, "/vanity-domains?server_id=acme", None).await.expect(200);
    body["domain"] = json!("people.acme.example");
    world.admin(PUT, path, Some(body.clone())).await.expect(200);
    body["domain"] = json!("not a host");
    world.admin(PUT, path, Some(body.clone())).await.expect(422);
    world.admin(DELETE, path, Some(body.clone())).await.expect(404);
    body["domain"] = json!("people.acme.example");
    world.admin(DELETE, path, Some(body)).await.expect(204);
}

/// What people do for themselves, by the calls that do it for them.
async fn self_service(world: &World, biller: &Biller) {
    let (pool, user) = (&biller.pool, Biller::USER);
    let allowed = json!({"public_registration_allowed": true});
    world.sandbox.drift(ObjectKind::Pool, pool, &allowed).unwrap();
    let call = async |path: String, body: Value| {
        world.identity_system(POST, &format!("/pools/{pool}{path}"), Some(body)).await
    };
    let new = json!({"identifier": "dora@x.example", "payload": {"given_name": "Dora"}});
    let query = "?send_activation_message=true&code_type_in_message=code&server_id=acme";
    let made = call(format!("/user/register{query}"), new).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    let code = world.sandbox.messages()[0]["code"].clone();
    let activate = json!({"code": code, "password": "correct horse battery"});
    call(format!("/users/{id}/activate"), json!({"code": "no"})).await.expect(422);
    call(format!("/users/{id}/activate"), activate).await.expect(201);
    call(format!("/users/{id}/code/generate"), json!({"type": "activation"})).await.expect(422);
    let code =
        call(format!("/users/{id}/code/generate"), json!({"type": "authentication"})).await.expect(201);
    assert!(code.json()["extended_code"].is_string());
    let address = json!({"address": "ada@example.com"});
    call(format!("/user/password/reset/request{}", "?server_id=acme"), address.clone()).await.expect(204);
    let code = world.sandbox.messages()[0]["code"].clone();
    let wrong = json!({"code": "no", "new_password": "x", "address": "ada@example.com"});
    call("/user/password/reset/complete".to_owned(), wrong).await.expect(401);
    let right = json!({"code": code, "new_password": Biller::PASSWORD, "address": "ada@example.com"});
    call("/user/password/reset/complete".to_owned(), right).await.expect(204);
    call(format!("/users/{user}/address/verification/request"), address).await.expect(204);
    let code = world.sandbox.messages()[0]["code"].clone();
    let done = json!({"code": code, "address": "ada@example.com"});
    call(format!("/users/{user}/address/verification/complete"), done).await.expect(204);
}

async fn issuers(world: &World, biller: &Biller) {
    for workspace in ["admin", "system", "billers", "acme"] {
        let issuer = world.sandbox.issuer(workspace);
        send(world.http.get(format!("{issuer}/.well-known/openid-configuration"))).await.expect(200);
        send(world.http.get(format!("{issuer}/.well-known/jwks.json"))).await.expect(200);
    }
    let issuer = world.sandbox.issuer("acme");
    let query = [
        ("response_type", "code"),
        ("client_id", &biller.client),
        ("scope", "openid profile"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let begin = send(world.http.get(format!("{issuer}/oauth2/authorize")).query(&query)).await.expect(302);
    let form = [("username", "ada"), ("password", Biller::PASSWORD)];
    let back = send(world.http.post(begin.header("location")).form(&form)).await.expect(302);
    let back = reqwest::Url::parse(back.header("location")).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", Biller::REDIRECT)];
    // The secret was rotated above.
    let secret = world.admin(GET, "/clients/acme-portal", None).await.json()["client_secret"].clone();
    let token = world
        .http
        .post(format!("{issuer}/oauth2/token"))
        .basic_auth(&biller.client, secret.as_str())
        .form(&form);
    let token = send(token).await.expect(200).json();
    let info =
        world.http.get(format!("{issuer}/userinfo")).bearer_auth(token["access_token"].as_str().unwrap());
    send(info).await.expect(200);
    let other = [("response_type", "code"), ("client_id", "nobody")];
    send(world.http.get(format!("{issuer}/oauth2/authorize")).query(&other)).await.expect(302);
    let wrong = world.http.post(format!("{issuer}/oauth2/token")).basic_auth("x", Some("y"));
    send(wrong.form(&[("grant_type", "client_credentials")])).await.expect(401);
    world.ask_token("system", "no_such_scope").await.expect(400);
    let nowhere = world.sandbox.issuer("nowhere");
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/oauth2/authorize?response_type=code&client_id=x",
    ] {
        send(world.http.get(format!("{nowhere}{path}"))).await.expect(404);
    }
    send(world.http.get(format!("{issuer}/userinfo")).bearer_auth("made-up")).await.expect(401);
}

/// Everything above left its traces; each kind of them is read, with every filter.
async fn audit_events(world: &World) {
    let drifted = json!({"color": "#123456"});
    world.sandbox.drift(ObjectKind::Organization, "acme", &drifted).unwrap();
    for (server, query) in [
        ("admin", "?limit=100"),
        ("admin", "?limit=100&order=desc&sort=timestamp&after_event_id=0000000000000065"),
        ("admin", "?event_subject=server,client,pool&event_action=updated&organization_id=acme&limit=100"),
        ("acme", "?event_subject=login,user&result=success&high_risk=false&limit=100"),
        ("acme", "?timestamp_from=2026-01-01T00:00:00Z&timestamp_to=2026-02-01T00:00:00Z&before_event_id=z"),
    ] {
        let path = format!("/servers/{server}/audit-events{query}");
        world.admin(GET, &path, None).await.expect(200);
        world.system(GET, &path, None).await.expect(200);
    }
}

/// The licence, and what was counted of everything above.
async fn numbers(world: &World) {
    let read = async |path: &str| {
        send(world.request("admin", GET, &format!("/api/{path}"))).await.expect(200).json()
    };
    read("licensing/admin/license").await;
    let usage = read("licensing/admin/usage").await;
    assert!(usage["monthly_tokens_issued"]["used"].as_i64().unwrap() >= 3, "{usage}");
    let users = read("analytics/users?bucket=all&function=count_all").await;
    assert!(users["data"][0]["value"].as_f64().unwrap() >= 1.0, "{users}");
    for query in ["api?function=p95&bucket=1d", "code?function=count", "category?function=le1000&bucket=all"]
    {
        let requests = read(&format!("analytics/http-requests/{query}")).await;
        assert!(!requests["data"].as_array().unwrap().is_empty(), "{requests}");
    }
    let signed_in = read("analytics/servers/acme/authentications/result?bucket=1d").await;
    assert_eq!(signed_in["data"][0]["values"]["success"], 1.0, "{signed_in}");
}

/// Every operation of a JSON API, called in every wrong way that its method allows.
async fn refusals(world: &World) {
    for wrong in ["http-requests/api?function=p12", "http-requests/color", "users?from=yesterday"] {
        send(world.request("admin", GET, &format!("/api/analytics/{wrong}"))).await.expect(400);
    }
    for operation in Sandbox::operations().filter(|operation| !operation.name.starts_with("oauth2.")) {
        let (file, _) = operation.name.split_once('.').unwrap();
        let api = match file {
            "identitysystem" => "identity",
            "licensingadmin" => "licensing",
            other => other,
        };
        let path = operation.path.split('/').map(|part| if part.starts_with('{') { "nobody" } else { part });
        let path = format!("/api/{api}{}", path.collect::<Vec<_>>().join("/"));
        let method: Method = operation.method.parse().unwrap();
        let right = if file == "system" || file == "identitysystem" { "system" } else { "admin" };
        let wrong = if right == "admin" { "system" } else { "admin" };
        send(world.request(right, method.clone(), &path).bearer_auth_replaced("made-up")).await.expect(401);
        send(world.request(wrong, method.clone(), &path)).await.expect(401);
        if let Some(scope) = operation.scope {
            let other = if scope == "identity" { "revoke_tokens" } else { "identity" };
            let token = world.token("system", other).await;
            let answer = send(world.request(right, method.clone(), &path).bearer_auth_replaced(&token)).await;
            assert!(matches!(answer.status.as_u16(), 401 | 403), "{}: {}", operation.name, answer.status);
        }
        let bad: &[&str] = if matches!(method.as_str(), "POST" | "PUT" | "DELETE") {
            &["[]", "{", "{\"id\": 1}"]
        } else {
            &[]
        };
        for body in bad {
            let request =
                world.request(right, method.clone(), &path).header("content-type", "application/json");
            let answer = send(request.body(*body)).await;
            assert!(answer.status.is_client_error(), "{} took {body}: {}", operation.name, answer.text);
        }
        if method == GET {
            send(world.request(right, GET, &format!("{path}?limit=0&template=maybe"))).await;
        }
    }
}

/// Replaces the token of a request.
trait BearerReplaced {
    fn bearer_auth_replaced(self, token: &str) -> Self;
}

impl BearerReplaced for reqwest::RequestBuilder {
    fn bearer_auth_replaced(self, token: &str) -> Self {
        let headers = [("authorization".parse().unwrap(), format!("Bearer {token}").parse().unwrap())];
        self.headers(reqwest::header::HeaderMap::from_iter(headers))
    }
}

#[tokio::test]
async fn refusals_for_speed_keep_the_contract() {
    let Some(mut contract) = spec::load() else { return };
    let recorder = Recorder::default();
    let layered = recorder.clone();
    let config = SandboxConfig {
        rate_limit: Some(RateLimit { per_second: 0.1, burst: 3 }),
        ..SandboxConfig::default()
    };
    let world = World::layered(config, |router| layered.wrap(router)).await;
    for _ in 0..4 {
        world.admin(GET, "/organizations", None).await;
        world.identity(GET, "/pools", None).await;
        world.system(GET, "/organizations", None).await;
        world.ask_token("admin", "").await;
    }
    let exchanges = recorder.exchanges();
    assert_eq!(exchanges.iter().filter(|exchange| exchange.status == 429).count(), 6);
    assert_keeps(&mut contract, &exchanges, Strictness::Both);
}

#[tokio::test]
async fn answers_of_faults_are_marked_and_so_let_pass() {
    let Some(mut contract) = spec::load() else { return };
    let (world, recorder) = recorded().await;
    world
        .sandbox
        .faults()
        .add(FaultRule::new("admin.*", Fault::Error { status: 412, error_code: None }))
        .unwrap();
    world.admin(GET, "/organizations/any", None).await.expect(412);
    assert_keeps(&mut contract, &recorder.exchanges(), Strictness::Both);
}
