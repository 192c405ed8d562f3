use super::*;

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(Redactor::BUILT_IN.text(text), expected);
    assert_eq!(
        Redactor::BUILT_IN.text(expected),
        expected,
        "twice is as good as once"
    );
}

#[test]
fn keys_of_providers_and_clouds_are_known_by_their_beginning() {
    for key in [
        "sk-abcdefghijklmnop0123",
        "sk-proj-Ab1_cdefghijklmnop",
        "sk-ant-api03-abcdefghijklmnop-AA",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "AIzaSyA-0123456789abcdefghijklmnopqrstu",
        "gsk_abcdefghijklmnop0123",
        "sk_live_abcdefgh0123",
        "SG.abcdefgh01234567.abcdefgh01234567",
    ] {
        becomes(&format!("({key})."), "([REDACTED api key]).");
    }
    for token in [
        "ghp_abcdefghijklmnop0123",
        "github_pat_11ABCDEFG0abcdefghij_kl",
        "glpat-abcdefgh0123-xyz",
        "xoxb-123456789012-abcdefghij",
        "xoxp-123456789012-abcdefghij",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    ] {
        becomes(&format!("\"{token}\""), "\"[REDACTED token]\"");
    }
    becomes("AKIAIOSFODNN7EXAMPLE!", "[REDACTED access key]!");
    becomes(
        "-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY-----\nis it",
        "[REDACTED private key]\nis it",
    );
    becomes(
        "-----BEGIN EC PRIVATE KEY-----\nMIIE",
        "[REDACTED private key]",
    );
}

#[test]
fn headers_and_schemes_are_known() {
    becomes(
        "header `Authorization: Bearer abcdef0123456789` refused",
        "header `Authorization: Bearer [REDACTED authorization]` refused",
    );
    becomes(
        "refused: bearer abcdef0123456789",
        "refused: bearer [REDACTED token]",
    );
    becomes(
        "curl -H 'x-api-key: abc123def'",
        "curl -H 'x-api-key: [REDACTED api key]'",
    );
    becomes("Basic bWU6czNjcmV0 is", "Basic [REDACTED password] is");
    becomes(
        "Cookie: a=b; c=d\nHost: x",
        "Cookie: [REDACTED cookie]\nHost: x",
    );
    becomes(
        "{\"authorization\": Some(\"x y\"), api_key: \"z\"}",
        "{\"authorization\": Some(\"[REDACTED authorization]\"), api_key: \"[REDACTED api key]\"}",
    );
    becomes(
        "[(\"cookie\", \"a\")]",
        "[(\"cookie\", \"[REDACTED cookie]\")]",
    );
}

#[test]
fn addresses_lose_passwords_and_keys() {
    becomes(
        "error for url (https://me:pw@host:1/v1?api-version=2024&key=s3cret) happened",
        "error for url (https://me:[REDACTED password]@host:1/v1?api-version=2024&\
         key=[REDACTED key]) happened",
    );
    becomes("redis://:hunter2@h", "redis://:[REDACTED password]@h");
    becomes("?api_key=a&q=b", "?api_key=[REDACTED api key]&q=b");
    becomes(
        "https://a1b2c3d4e5f6a7b8@host",
        "https://[REDACTED token]@host",
    );
}

#[test]
fn assignments_are_known() {
    becomes(
        "OPENAI_API_KEY=topsecret x",
        "OPENAI_API_KEY=[REDACTED api key] x",
    );
    becomes("password='it is long'", "password='[REDACTED password]'");
    becomes(
        r#"{\"client_secret\": \"a\\\"b\", \"n\": 1}"#,
        r#"{\"client_secret\": \"[REDACTED secret]\", \"n\": 1}"#,
    );
    becomes("db_password: hunter2,", "db_password: [REDACTED password],");
    becomes(
        "AccountName=logs;AccountKey=abcdefghijklm0123456789ABCDEF/+==;EndpointSuffix=core.windows.net",
        "AccountName=logs;AccountKey=[REDACTED account key];EndpointSuffix=core.windows.net",
    );
    becomes(
        "SharedAccessKeyName=all;SharedAccessKey=abcdefghijklm0123456789=",
        "SharedAccessKeyName=all;SharedAccessKey=[REDACTED access key]",
    );
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "the task-list is long",
        "Basic english",
        "Bearer authentication",
        "ask-a-question-about-it sk-SK sk-2024-01-01-report",
        "a secret: nobody knows. The password is long. Cookie: dough",
        "API_KEY=$KEY api_key={key} api_key=os.environ[\"API_KEY\"]",
        "the key=value store at https://host/a?b=c&key=id",
        "ssh://git@github.com/a/b mailto:me@host ::secret::Key",
        "xai-chat-16a40749a557d045 hf_model_llama-3-8b-instruct key-value rl_agent_step_12",
        "- [ ] to-do_list: e.g. eyJust K9 Basic: zebra --- ----",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "8f14e45f-ceea-467f-a9b1-0c4b1c2d3e4f toolu_01A09q90qw90lq917835lq9 call_abc123",
        "é",
        "",
    ] {
        becomes(text, text);
    }
    assert!(matches!(Redactor::BUILT_IN.text("plain"), Cow::Borrowed(_)));
}
