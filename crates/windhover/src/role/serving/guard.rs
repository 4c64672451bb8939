//! Who may come in, from the settings; and the same again after SIGHUP.

use crate::settings::aggregation::Usual;
use crate::settings::{Settings, resolve};
use anyhow::{Context, bail};
use serve::tls::Files;
use serve::{Access, Tls};
use store::Store;

/// Reads the tokens and refuses an open door that nobody asked for.
pub fn access(settings: &Settings) -> anyhow::Result<Access> {
    let mut access = Access { tokens: Vec::new(), open: settings.switch("access.open") };
    if let Some(path) = settings.path("access.token_file") {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        access.tokens = lines.map(str::to_owned).collect();
        anyhow::ensure!(!access.tokens.is_empty(), "{} has no token in it", path.display());
    }
    check_open(settings, &access)?;
    Ok(access)
}

/// Refuses to listen beyond this machine without a lock on the door.
fn check_open(settings: &Settings, access: &Access) -> anyhow::Result<()> {
    let address = settings.address("listen");
    let has_lock = !access.tokens.is_empty() || settings.path("tls.client_ca_file").is_some();
    if !address.ip().is_loopback() && !has_lock && !access.open {
        bail!(
            "{address} can be reached from other machines: name a file with tokens (--access-token-file FILE), \
             or with the authorities of agents' certificates (--tls-client-ca-file FILE), \
             or let everybody in on purpose (--access-open)"
        );
    }
    Ok(())
}

/// Reads the certificate and its key; `None` when plain HTTP is spoken.
pub fn tls(settings: &Settings) -> anyhow::Result<Option<Tls>> {
    let files = match (settings.path("tls.cert_file"), settings.path("tls.key_file")) {
        (Some(certificate), Some(key)) => {
            Files { certificate, key, client_authorities: settings.path("tls.client_ca_file") }
        }
        (None, None) if settings.path("tls.client_ca_file").is_none() => return Ok(None),
        _ => bail!("https needs both `tls.cert_file` and `tls.key_file`"),
    };
    Tls::read(&files).map(Some).map_err(anyhow::Error::msg)
}

/// After SIGHUP: new tokens, certificates and policies hold at once; everything else that changed is told and waits for a restart.
pub fn reload(old: &Settings, http: &serve::Server, store: &Store, usual: &Usual) {
    let flag = |setting: &crate::settings::Setting| {
        matches!(old.origin(setting.key), crate::settings::Origin::Flag(_))
            .then(|| old.text(setting.key).to_owned())
    };
    let new = match resolve(old.file.as_deref(), |name| std::env::var(name).ok(), flag) {
        Ok(new) => new,
        Err(problems) => {
            problems.iter().for_each(|problem| tracing::error!("settings not changed: {problem}"));
            return;
        }
    };
    match access(&new) {
        Ok(access) => http.set_access(access),
        Err(e) => return tracing::error!("settings not changed: {e:#}"),
    }
    tracing::info!("tokens read again");
    match tls(&new) {
        Ok(tls) => http.set_tls(tls),
        Err(e) => return tracing::error!("certificate not changed: {e:#}"),
    }
    let policies = crate::settings::policy::all(&new).map_err(anyhow::Error::msg);
    match policies.and_then(|policies| Ok(store.set_policies(policies)?)) {
        Ok(()) => tracing::info!("policies read again"),
        Err(e) => tracing::error!("policies not changed: {e:#}"),
    }
    if let Err(e) = usual.read(&new) {
        tracing::error!("store.aggregation not changed: {e}");
    }
    let at_once = |key: &&str| {
        key.starts_with("access.")
            || key.starts_with("tls.")
            || ["store.retention", "store.schemas", "store.aggregation"].contains(key)
    };
    for key in old.differences(&new).into_iter().filter(|key| !at_once(key)) {
        tracing::warn!("`{key}` changed in the file; it holds after a restart");
    }
}
