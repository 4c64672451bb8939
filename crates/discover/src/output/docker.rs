//! Docker keeps a folder for each container, whose `hostconfig.json` names the log driver and whose `config.v2.json` names the
//! file. nerdctl writes the same lines below a folder of its own.

use super::{Found, Writer};
use crate::inspection::remedy;
use crate::plan::Source;
use crate::root::path;
use std::io::ErrorKind;
use stdx::json::{Kind, Reader};

/// Where an engine keeps its data unless it was told: root's, the snap's, and those of users.
const USUAL: [&str; 3] =
    ["/var/lib/docker", "/var/snap/docker/common/var-lib-docker", "/home/*/.local/share/docker"];
/// The folders of nerdctl's containers, by name space.
const NERDCTL: &str = "/var/lib/nerdctl/*/containers/*";
/// What the engine's command line may call the folder.
const OPTIONS: [&str; 3] = ["--data-root", "--graph", "-g"];

pub(super) fn find(writer: &Writer<'_>) -> Option<Result<Found, String>> {
    let number = writer.container.as_deref()?;
    let roots = told(writer).into_iter().chain(USUAL.map(str::to_owned));
    for root in roots {
        for root in writer.host.glob(&root) {
            let folder = path::join(&root, &format!("containers/{number}"));
            if let Some(found) = of_folder(writer, &folder, number) {
                return Some(found);
            }
        }
    }
    let of_nerdctl = writer.host.glob(&format!("{NERDCTL}/{number}/{number}-json.log"));
    of_nerdctl.into_iter().next().map(|path| Ok(writer.wrapped(path, "docker", Vec::new())))
}

/// What the engine was told: its file of settings, or its command line, which it leaves its number for.
fn told(writer: &Writer<'_>) -> Option<String> {
    let settings = writer.host.read("/etc/docker/daemon.json").ok();
    let in_file = settings.and_then(|(text, _)| text_at(&text, &["data-root"]));
    in_file.or_else(|| {
        let (pid, _) = writer.host.read("/run/docker.pid").ok()?;
        let engine = writer.process.machine.process(pid.trim().parse().ok()?);
        let arguments = std::fs::read_to_string(engine.join("cmdline")).ok()?;
        let arguments: Vec<String> = arguments.split('\0').map(str::to_owned).collect();
        crate::process::option(&arguments, &OPTIONS)
    })
}

fn of_folder(writer: &Writer<'_>, folder: &str, number: &str) -> Option<Result<Found, String>> {
    let config = path::join(folder, "config.v2.json");
    let text = match writer.host.read(&config) {
        Ok((text, _)) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return Some(Err(remedy::cannot_read(&writer.host, &config, &error))),
    };
    let host = writer.host.read(&path::join(folder, "hostconfig.json"));
    let driver = host.ok().and_then(|(text, _)| text_at(&text, &["LogConfig", "Type"]));
    Some(match driver.as_deref() {
        None | Some("json-file" | "") => {
            let usual = || path::join(folder, &format!("{number}-json.log"));
            let log = text_at(&text, &["LogPath"]).filter(|log| !log.is_empty()).unwrap_or_else(usual);
            let name = text_at(&text, &["Name"]).map(|name| name.trim_start_matches('/').to_owned());
            let name = name.filter(|name| !name.is_empty()).map(|name| ("container_name", name));
            Ok(writer.wrapped(log, "docker", name.into_iter().collect()))
        }
        Some("journald") => {
            let source = Source::Journal(format!("CONTAINER_ID_FULL={number}"));
            Ok(Found { path: String::new(), source })
        }
        Some("none") => {
            Err("its container's output is thrown away: Docker's log driver is `none`".to_owned())
        }
        Some(driver) => Err(format!(
            "its container's output goes to Docker's log driver `{driver}`; only `json-file` and `journald` can be read"
        )),
    })
}

/// The text at a path of names.
fn text_at(json: &str, path: &[&str]) -> Option<String> {
    let mut reader = Reader::new(json.as_bytes());
    for name in path {
        if reader.peek().ok()? != Kind::Object {
            return None;
        }
        reader.object().ok()?;
        loop {
            if reader.field().ok()?? == *name {
                break;
            }
            reader.skip().ok()?;
        }
    }
    (reader.peek().ok()? == Kind::String).then(|| reader.string().ok().map(|text| text.into_owned()))?
}
