//! Starting a child with all that is kept from it and given to it.
//!
//! Limits are set from outside (`prlimit`) right after the start: no shell is needed in between, and code of our own
//! never runs between fork and exec. A child may so have run for some microseconds without them, which does not matter for
//! limits against mistakes.

use crate::user::User;
use crate::{Limits, Plugin};
use rustix::io::Errno;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit, setpriority_process,
};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A child and what of its limits could not be set.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) complaint: Option<String>,
}

impl Started {
    /// Ends it, because nobody wants it any more.
    pub(crate) fn end(mut self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Starts a plugin on a host. An error says in words what to do about it.
pub(crate) fn start(plugin: &Plugin, host: &str) -> Result<Started, String> {
    let mut command = Command::new(&plugin.program);
    command.args(&plugin.arguments).current_dir(plugin.working_folder()).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let user = plugin.owner.as_ref().map(User::find).transpose()?;
    surround(&mut command, plugin, host, user.as_ref().map_or(Path::new("/"), |user| &user.home));
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    let child = command.spawn().map_err(|error| explain(plugin, &error))?;
    let complaint = limit(&child, plugin);
    for output in [
        child.stdout.as_ref().map(rustix::fd::AsFd::as_fd),
        child.stderr.as_ref().map(rustix::fd::AsFd::as_fd),
    ] {
        // A pipe that was just made can be told not to block; if not, it is read when poll says so and that is enough.
        let _ = output.map(|fd| rustix::io::ioctl_fionbio(fd, true));
    }
    Ok(Started { child, complaint })
}

/// An environment that does not depend on how the agent was started.
fn surround(command: &mut Command, plugin: &Plugin, host: &str, home: &Path) {
    let interval = plugin.mode.interval().as_secs_f64().to_string();
    command.env_clear();
    command
        .env("PATH", PATH)
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("LC_ALL", "C.UTF-8")
        .env("SHELL", "/bin/sh");
    if let Some(owner) = &plugin.owner {
        command.env("USER", &owner.user).env("LOGNAME", &owner.user);
    }
    command.env("WINDHOVER_HOST", host).env("WINDHOVER_PLUGIN", &plugin.name);
    command.env("WINDHOVER_INTERVAL", &interval);
    command.env("COLLECTD_HOSTNAME", host).env("COLLECTD_INTERVAL", &interval);
    command.envs(plugin.environment.iter().map(|(name, value)| (name, value)));
}

/// Sets niceness and limits; returns what could not be set.
fn limit(child: &Child, plugin: &Plugin) -> Option<String> {
    let pid = Pid::from_child(child);
    let mut complaint = None;
    let mut note = |what: &str, outcome: Result<(), Errno>| match outcome {
        // It has ended already.
        Ok(()) | Err(Errno::SRCH) => {}
        Err(Errno::PERM) => {
            complaint = Some(format!(
                "its limit on {what} could not be set: for another user that needs the capabilities \
                 CAP_SYS_RESOURCE and CAP_SYS_NICE"
            ));
        }
        Err(error) => complaint = Some(format!("its limit on {what} could not be set: {error}")),
    };
    if plugin.niceness > 0 {
        note("niceness", setpriority_process(Some(pid), plugin.niceness));
    }
    let Limits { memory_bytes, files, processes, .. } = plugin.limits;
    let all = [
        ("memory", Resource::As, memory_bytes),
        ("files", Resource::Nofile, files),
        ("processes", Resource::Nproc, processes),
    ];
    // Nobody asked for it, so nobody need be told where it cannot be done.
    let _ = prlimit(Some(pid), Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    for (what, resource, limit) in all {
        let Some(limit) = limit else { continue };
        // Only the privileged may ask for more than they have.
        let limit = getrlimit(resource).maximum.map_or(limit, |maximum| maximum.min(limit));
        note(
            what,
            prlimit(Some(pid), resource, Rlimit { current: Some(limit), maximum: Some(limit) }).map(drop),
        );
    }
    complaint
}

/// Says why a program cannot be started.
fn explain(plugin: &Plugin, error: &io::Error) -> String {
    let path = plugin.program.display();
    if let Some(folder) = plugin.folder.as_ref().filter(|folder| !folder.is_dir()) {
        return format!("its working folder {} is not there", folder.display());
    }
    let found = std::fs::metadata(&plugin.program).ok();
    let is_executable = found.as_ref().is_some_and(|meta| meta.permissions().mode() & 0o111 != 0);
    match (error.kind(), found) {
        (io::ErrorKind::NotFound, None) if plugin.program.is_absolute() => format!("{path} is not there"),
        (io::ErrorKind::NotFound, None) => format!("there is no program {path} in {PATH}"),
        (io::ErrorKind::NotFound, Some(_)) => {
            format!("{path} cannot be run: the interpreter in its first line is not there")
        }
        (io::ErrorKind::PermissionDenied, Some(meta)) if meta.is_dir() => format!("{path} is a folder"),
        (io::ErrorKind::PermissionDenied, Some(_)) if !is_executable => {
            format!("{path} is not executable: chmod +x {path}")
        }
        (io::ErrorKind::PermissionDenied, _) if plugin.owner.is_some() => become_explained(plugin, error),
        _ if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
            format!("{path} is no program: its first line should name an interpreter, such as #!/bin/sh")
        }
        _ => format!("{path} cannot be started: {error}"),
    }
}

fn become_explained(plugin: &Plugin, error: &io::Error) -> String {
    let name = plugin.owner.as_ref().map_or("", |owner| &owner.user);
    let root = rustix::process::geteuid().is_root();
    match root {
        true => format!("{} cannot be started as {name}: {error}", plugin.program.display()),
        false => format!(
            "it cannot be run as {name}: that needs root, or the capabilities CAP_SETUID, CAP_SETGID and CAP_KILL"
        ),
    }
}
