//! Credentials are references: where a secret stands, never the secret. It is read when a call is made, so that a
//! rotated one reaches open operations, and is dropped with the call.

use ::http::HeaderValue;
use tokio::io::AsyncReadExt;

use crate::bounds::{CREDENTIAL_BYTES_MAX, CREDENTIALS_TIME_MAX};

/// Where one secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `env:NAME`: an environment variable of the process.
    Environment(String),
    /// `file:/path`: a file; line ends at its end are not part of the secret.
    File(String),
}

/// Where the key and the token of a connector stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) app_key: Reference,
    pub(crate) app_token: Reference,
}

/// A key and a token, for the time of one call. It has no `Debug`, so that it is in no log.
pub(crate) struct Secrets {
    pub(crate) app_key: Secret,
    pub(crate) app_token: Secret,
}

/// One of them, as it stands in a file and as it stands in a header.
pub(crate) struct Secret {
    pub(crate) text: String,
    pub(crate) header: HeaderValue,
}

/// Why a secret could not be read. Names where it should stand, not what stood there.
#[derive(Debug, thiserror::Error)]
#[error("the credential in {place} cannot be used: {reason}")]
pub(crate) struct CredentialError {
    /// The path of the setting that refers to it.
    pub(crate) setting: &'static str,
    place: String,
    reason: String,
}

/// The path of the setting that refers to the key.
const APP_KEY: &str = "settings.app_key";
/// The path of the setting that refers to the token.
const APP_TOKEN: &str = "settings.app_token";

impl Reference {
    /// Reads a reference; a literal secret is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = "is not a reference to a credential; use env:NAME or file:/absolute/path, never the secret itself";
        if let Some(name) = text.strip_prefix("env:") {
            let is_name =
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return if is_name { Ok(Self::Environment(name.to_owned())) } else { Err(wrong.to_owned()) };
        }
        match text.strip_prefix("file:") {
            Some(path) if path.starts_with('/') && !path.contains('\0') => Ok(Self::File(path.to_owned())),
            _ => Err(wrong.to_owned()),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Environment(name) => format!("env:{name}"),
            Self::File(path) => format!("file:{path}"),
        }
    }

    /// Reads the secret that this setting refers to, within a bounded time.
    pub(crate) async fn read(&self, setting: &'static str) -> Result<Secret, CredentialError> {
        let text = async {
            match self {
                Self::Environment(name) => environment(name),
                Self::File(path) => file(path).await,
            }
        };
        let text = tokio::time::timeout(CREDENTIALS_TIME_MAX, text).await.unwrap_or_else(|_| {
            Err(format!("it was not read within {} ms", CREDENTIALS_TIME_MAX.as_millis()))
        });
        text.and_then(|text| {
            let secret = text.trim_end_matches(['\r', '\n']);
            let is_graphic = secret.bytes().all(|byte| byte.is_ascii_graphic());
            match HeaderValue::from_str(secret) {
                Ok(_) if secret.is_empty() => Err("it is empty".to_owned()),
                Ok(mut header) if is_graphic => {
                    header.set_sensitive(true);
                    Ok(Secret { text: secret.to_owned(), header })
                }
                _ => Err("it has a character that cannot stand in a header".to_owned()),
            }
        })
        .map_err(|reason| CredentialError { setting, place: self.place(), reason })
    }
}

impl Credentials {
    /// Reads both at once, so that they take no longer than one.
    pub(crate) async fn read(&self) -> Result<Secrets, CredentialError> {
        let (app_key, app_token) = tokio::join!(self.app_key.read(APP_KEY), self.app_token.read(APP_TOKEN));
        Ok(Secrets { app_key: app_key?, app_token: app_token? })
    }
}

#[expect(clippy::disallowed_methods, reason = "a credential reference is what may read the environment")]
fn environment(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| match error {
        std::env::VarError::NotPresent => "the variable is not set".to_owned(),
        std::env::VarError::NotUnicode(_) => "it is not UTF-8".to_owned(),
    })
}

async fn file(path: &str) -> Result<String, String> {
    // Opening a pipe would block a thread until somebody writes to it.
    let metadata = tokio::fs::metadata(path).await.map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let opened = tokio::fs::File::open(path).await.map_err(|error| error.to_string())?;
    let mut text = String::new();
    let bytes = opened.take(CREDENTIAL_BYTES_MAX + 1).read_to_string(&mut text).await;
    match bytes {
        Ok(bytes) if u64::try_from(bytes).is_ok_and(|bytes| bytes <= CREDENTIAL_BYTES_MAX) => Ok(text),
        Ok(_) => Err(format!("the file is larger than {CREDENTIAL_BYTES_MAX} bytes")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_no_reference() {
        for text in
            ["", "secret", "env:", "env:A B", "env:A=B", "file:", "file:relative", "file", "ENV:A", "vault:x"]
        {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
        assert_eq!(Reference::parse("env:SHOP_KEY"), Ok(Reference::Environment("SHOP_KEY".to_owned())));
        assert_eq!(Reference::parse("file:/run/key"), Ok(Reference::File("/run/key".to_owned())));
    }

    #[tokio::test]
    async fn a_secret_is_the_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let large = vec![b'x'; usize::try_from(CREDENTIAL_BYTES_MAX).unwrap() + 1];
        for (content, expected) in [
            (b"abc\r\n".as_slice(), Ok("abc")),
            (b"\n", Err("it is empty")),
            (b"a\nb", Err("it has a character that cannot stand in a header")),
            (&large, Err("the file is larger than 8192 bytes")),
        ] {
            let path = folder.path().join("secret");
            std::fs::write(&path, content).unwrap();
            let read = Reference::File(path.to_str().unwrap().to_owned()).read(APP_KEY).await;
            match expected {
                Ok(secret) => assert_eq!(read.unwrap().text, secret),
                Err(reason) => assert_eq!(read.err().unwrap().reason, reason),
            }
        }
        let missing = Reference::Environment("TRANCHE_TEST_NEVER_SET".to_owned());
        let missing = missing.read(APP_TOKEN).await.err().unwrap();
        let sentence = "the credential in env:TRANCHE_TEST_NEVER_SET cannot be used: the variable is not set";
        assert_eq!((missing.setting, missing.to_string().as_str()), (APP_TOKEN, sentence));
    }
}
