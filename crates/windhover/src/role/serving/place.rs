//! Where a server listens and keeps its data: taken before anything of it runs.

use super::guard;
use crate::settings::Settings;
use anyhow::Context;
use serve::{Access, Tls};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

/// An address and a data folder that are this server's.
pub(super) struct Place {
    pub(super) data: PathBuf,
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) access: Access,
    pub(super) tls: Option<Tls>,
}

impl Place {
    /// Makes the folder and binds the address. A second server must fail on the address before it touches the store.
    pub(super) fn take(settings: &Settings) -> anyhow::Result<Self> {
        let data = settings.path("data").context("`data` is empty")?;
        std::fs::create_dir_all(&data).with_context(|| format!("the data folder {}", data.display()))?;
        let data = data.canonicalize().unwrap_or(data);
        let (access, tls) = (guard::access(settings)?, guard::tls(settings)?);
        let wished = settings.address("listen");
        let listener =
            TcpListener::bind(wished).with_context(|| format!("the address {wished} cannot be used"))?;
        let address = listener.local_addr()?;
        Ok(Self { data, listener, address, access, tls })
    }

    /// What stands before the address in a link.
    pub(super) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }
}
