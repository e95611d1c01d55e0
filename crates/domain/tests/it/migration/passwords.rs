//! Known answers: hashes of known passwords in every format, made by other programs, found again and checked.

use domain::migration::{
    PasswordHash, PasswordKind, PasswordSource, SaltEncoding, SaltOrder, ShaFunction, StatedDigest, detect,
};
use md5::{Digest as _, Md5};
use proptest::prelude::*;

const HORSE: &str = "correct horse";

/// Kind, text, password.
const KNOWN: &[(PasswordKind, &str, &str)] = &[
    (PasswordKind::Bcrypt, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (PasswordKind::Bcrypt, "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (PasswordKind::Bcrypt, "$2y$07$usesomesillystringfore2uDLvp1Ii2e./U9C8sBjqp8I90dH6hi", "rasmuslerdorf"),
    (PasswordKind::Bcrypt, "{CRYPT}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (PasswordKind::Bcrypt, "bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    (
        PasswordKind::Argon2id,
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "password",
    ),
    (
        PasswordKind::Argon2id,
        "argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "password",
    ),
    (
        PasswordKind::Pbkdf2,
        "$pbkdf2-sha256$i=1000,l=32$AQIDBAUGBwgJCgsMDQ4PEA$YwKfNMrnHLcz6zlkYSHCNthMmUVmRkplZtxCdAZgV8M",
        HORSE,
    ),
    (
        PasswordKind::Pbkdf2,
        "$pbkdf2-sha512$1000$AQIDBAUGBwgJCgsMDQ4PEA$eIGMi.UqDswIbd31dNfOt/Ef/Dp4lJ3j3OqjlFeJWu75VMjKI1vX4xv9hmkwjYCpfvyG3tdytQqwPK/yPKxncA",
        HORSE,
    ),
    (
        PasswordKind::DjangoPbkdf2,
        "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
        HORSE,
    ),
    (PasswordKind::DjangoPbkdf2, "pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=", HORSE),
    (
        PasswordKind::AspNetV2,
        "ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==",
        "my password",
    ),
    (PasswordKind::AspNetV3, "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw", "my password"),
    (
        PasswordKind::AspNetV3,
        "AQAAAAIAAAD6AAAAIJbVi5wbMR+htSfFp8fTw8N8GOS/Sje+S/4YZcgBfU7EQuqv4OkVYmc4VJl9AGZzmRTxSkP7LtVi9IWyUxX8IAAfZ8v+ZfhjCcudtC1YERSqE1OEdXLW9VukPuJWBBjLuw==",
        "my password",
    ),
    (PasswordKind::AspNetV3, "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M", "my password"),
    (
        PasswordKind::AspNetV3,
        "AQAAAAEAACcQAAAAEAECAwQFBgcICQoLDA0ODxCbIJnJm+N8Gtk+QWDtYJlv+Q/iGAle/IXkUarqzIXzHg==",
        HORSE,
    ),
    (PasswordKind::LdapSsha, "{SSHA}NSZEu/ZzEMKdBO5ESNEYml3qKRYBAgMEBQYHCA==", HORSE),
    (PasswordKind::LdapSsha, "{SSHA256}CFsq5JPfiBQ0W3uR5Dnao+9mknEq9a739V+FPkJ6yjABAgMEBQYHCA==", HORSE),
    (
        PasswordKind::LdapSsha,
        "{SSHA384}HifEba0mre/qPk1zTkOCivlXqCbKCMIHVZoLT2gNpUWAqKu82zF4HGxJGzZHrBafAQIDBAUGBwg=",
        HORSE,
    ),
    (
        PasswordKind::LdapSsha,
        "{ssha512}ggObOJHDWCqgI5uFv/j9yDNYMvdTgt+Toj8d6cGrSG/e+E9GbH4DkQ8y5jY3NblhoGens+zNVX1mZaFy0qwRwwECAwQFBgcI",
        HORSE,
    ),
    (PasswordKind::LdapSmd5, "{SMD5}vPjZQdkpEUFwnJ1WNg63FAECAwQFBgcI", HORSE),
    (PasswordKind::PlainSha, "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", HORSE),
    (PasswordKind::PlainSha, "{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=", HORSE),
    (PasswordKind::PlainMd5, "{MD5}PLTnMmMfR+brlh80VUt83g==", HORSE),
];

/// Checks a password as whoever takes the hash over would.
fn verifies(hash: &PasswordHash, password: &str) -> bool {
    let password = password.as_bytes();
    match hash {
        PasswordHash::Bcrypt { crypt, .. } => bcrypt::verify(password, crypt).unwrap(),
        PasswordHash::Pbkdf2 { function, iterations, salt, key } => {
            let mut made = vec![0; key.len()];
            match function {
                ShaFunction::Sha1 => {
                    pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, *iterations, &mut made)
                }
                ShaFunction::Sha256 => {
                    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, *iterations, &mut made)
                }
                ShaFunction::Sha384 => {
                    pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, *iterations, &mut made)
                }
                ShaFunction::Sha512 => {
                    pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, *iterations, &mut made)
                }
            }
            made == *key
        }
        PasswordHash::Argon2id { iterations, memory_kib, parallelism, salt, key } => {
            let params =
                argon2::Params::new(*memory_kib, *iterations, *parallelism, Some(key.len())).unwrap();
            let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
            let mut made = vec![0; key.len()];
            argon.hash_password_into(password, salt, &mut made).unwrap();
            made == *key
        }
        PasswordHash::Sha { function, digest, salt } => {
            let text = [password, salt].concat();
            let made = match function {
                ShaFunction::Sha1 => sha1::Sha1::digest(text).to_vec(),
                ShaFunction::Sha256 => sha2::Sha256::digest(text).to_vec(),
                ShaFunction::Sha384 => sha2::Sha384::digest(text).to_vec(),
                ShaFunction::Sha512 => sha2::Sha512::digest(text).to_vec(),
            };
            made == *digest
        }
        PasswordHash::Md5 { digest, salt } => Md5::digest([password, salt].concat()).to_vec() == *digest,
    }
}

#[test]
fn a_hash_made_elsewhere_is_recognised_and_checks_its_password() {
    for (kind, text, password) in KNOWN {
        let (found, source) = detect(text, "", None);
        assert_eq!(found, *kind, "{text}");
        let PasswordSource::Hash(hash) = source else { panic!("{text}: {source:?}") };
        assert!(verifies(&hash, password), "{text}");
        assert!(!verifies(&hash, "another"), "{text}");
    }
}

#[test]
fn a_bare_digest_needs_its_making_stated() {
    let sha = "e60383a83da41b3a8ad23aa7dec8f17417981daac9bfcb3893161c6b460871ab";
    let md5 = "159ef48e34ab34dfd3180011b1496526";
    let stated = |order| Some(StatedDigest { order, encoding: SaltEncoding::Text });
    assert_eq!(detect(sha, "pepper1", None).0, PasswordKind::Unknown);
    for (text, kind) in [(sha, PasswordKind::SaltedSha), (md5, PasswordKind::SaltedMd5)] {
        let (found, source) = detect(text, "pepper1", stated(SaltOrder::PasswordFirst));
        assert_eq!(found, kind);
        let PasswordSource::Hash(hash) = source else { panic!("{source:?}") };
        assert!(verifies(&hash, HORSE));
        assert_eq!(detect(text, "pepper1", stated(SaltOrder::SaltFirst)).0, PasswordKind::SaltFirst);
        assert_eq!(detect(text, "", stated(SaltOrder::PasswordFirst)).0, PasswordKind::Unknown, "no salt");
    }
    let hex = Some(StatedDigest { order: SaltOrder::PasswordFirst, encoding: SaltEncoding::Hex });
    assert_eq!(
        detect(sha, "70657070657231", hex).1,
        detect(sha, "pepper1", stated(SaltOrder::PasswordFirst)).1
    );
    assert_eq!(detect(sha, "no hex", hex).0, PasswordKind::Unknown);
    let plain = "2f9e53523b62abc141a2b4d6019d23cba835dbd0";
    let (_, source) = detect(plain, "", stated(SaltOrder::NoSalt));
    let PasswordSource::Hash(hash) = source else { panic!("{source:?}") };
    assert!(verifies(&hash, HORSE));
}

#[test]
fn what_cannot_be_kept_becomes_a_reset_and_says_why() {
    for (kind, text) in [
        (PasswordKind::None, "  "),
        (PasswordKind::Unknown, "hunter2"),
        (PasswordKind::Unknown, "pass$word"),
        (PasswordKind::Unknown, "пароль"),
        (PasswordKind::Unknown, "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        (PasswordKind::Unknown, "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe"),
        (PasswordKind::Unknown, "pbkdf2_sha256$0$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso="),
        (PasswordKind::Unknown, "{SSHA}L55TUjtiq8FBorTWAZ0jy6g129A="),
        (PasswordKind::OtherHash, "$6$rounds=5000$salt$hash"),
        (PasswordKind::OtherHash, "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        (
            PasswordKind::OtherHash,
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ),
        (
            PasswordKind::OtherHash,
            "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ),
        (
            PasswordKind::OtherHash,
            "bcrypt_sha256$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        ),
        (
            PasswordKind::OtherHash,
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        ),
        (PasswordKind::SaltFirst, "sha1$abc$2f9e53523b62abc141a2b4d6019d23cba835dbd0"),
        (PasswordKind::SaltFirst, "md5$abc$159ef48e34ab34dfd3180011b1496526"),
    ] {
        let (found, source) = detect(text, "", None);
        assert_eq!((found, &source), (kind, &PasswordSource::Reset(kind)), "{text}");
        assert!(!kind.is_kept() && kind.why_reset().is_some());
    }
}

#[test]
fn an_encrypted_password_is_told_by_its_prefix() {
    let text = "{AES-GCM}AAECAwQFBgcICQoLDA0ODxCEoD730DGnFw4NHnkFbzUqs2Q+oFLS3DOrtNk3ruUCig==";
    let (kind, source) = detect(text, "", None);
    let PasswordSource::Encrypted(sealed) = source else { panic!("{source:?}") };
    assert_eq!((kind, sealed.nonce[1], sealed.body.len()), (PasswordKind::Encrypted, 1, 37));
    assert_eq!(detect("{AES-GCM}AAECAwQFBgc=", "", None).0, PasswordKind::Unknown);
}

#[test]
fn a_hash_is_a_secret() {
    for (_, text, _) in KNOWN {
        let shown = format!("{:?}", detect(text, "", None).1);
        assert!(shown.len() < 40, "{shown}");
    }
}

proptest! {
    /// Whatever stands there: no panic, and a kind that says whether the password is kept.
    #[test]
    fn any_text_has_a_kind(text in ".{0,80}", salt in ".{0,20}", order in 0_usize..4) {
        let stated = SaltOrder::ALL.get(order).map(|order| StatedDigest { order: *order, encoding: SaltEncoding::Text });
        let (kind, source) = detect(&text, &salt, stated);
        prop_assert_eq!(kind.is_kept(), !matches!(source, PasswordSource::Reset(_)));
    }
}

/// A known hash with one character changed is another hash, or none: never the same.
#[test]
fn a_changed_hash_is_not_the_same() {
    let mut same = Vec::new();
    // Case does not matter in LDAP's prefixes, and the last characters of base64 hold spare bits.
    for (_, text, _) in KNOWN.iter().filter(|(_, text, _)| !text.starts_with('{')) {
        let before = detect(text, "", None).1;
        for at in 0..text.len() - 4 {
            // passlib's `.` and the usual `+` are one sign.
            let itself =
                |with: &char| text[at..].starts_with(*with) || text[at..].starts_with('.') && *with == '+';
            for with in (b' '..=b'~').map(char::from).filter(|with| !itself(with)) {
                let changed = format!("{}{with}{}", &text[..at], &text[at + 1..]);
                if detect(&changed, "", None).1 == before {
                    same.push(changed);
                }
            }
        }
    }
    assert!(same.is_empty(), "{same:#?}");
}
