//! The table of services. One file and one row each.

mod apache;
mod docker;
mod elasticsearch;
mod etcd;
mod haproxy;
mod jvm;
mod memcached;
mod mongodb;
mod mysql;
mod nginx;
mod php_fpm;
mod postgresql;
mod rabbitmq;
mod redis;
mod zookeeper;

use crate::process::listeners::Listener;
use crate::{Inspection, Process};

/// A service that is known.
#[derive(Debug)]
pub struct Service {
    /// One word, lower case.
    pub name: &'static str,
    /// What is monitored, in one sentence.
    pub summary: &'static str,
    /// How it is recognised, for people.
    pub signs: &'static str,
    /// Where its configuration is found, for people.
    pub configuration: &'static str,
    /// Whether a process is of it.
    pub recognise: fn(&Process) -> Option<Mark>,
    /// Reads its configuration and plans.
    pub inspect: fn(&mut Inspection<'_>),
    /// When its configuration is read again.
    pub reread: Reread,
    /// Ports where a program of another name is taken for it.
    pub ports: &'static [u16],
    /// The protocol by which the sniffer can read what it is asked; empty when it cannot.
    pub speaks: &'static str,
}

/// What a process is to its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The one that read the configuration.
    Main,
    /// One of those it started.
    Part,
    /// One of those that nobody else starts: its parent is the main one, whatever it is called.
    Child,
    /// The main one if its parent is not of the service.
    Top,
}

/// When the configuration of a service that runs is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reread {
    /// When a child was started: it takes changes only when told to, and then starts new workers.
    WithChildren,
    /// When its files changed.
    WithFiles,
}

/// Every service, in the order they are tried.
pub static SERVICES: &[&Service] = &[
    &nginx::SERVICE,
    &apache::SERVICE,
    &php_fpm::SERVICE,
    &haproxy::SERVICE,
    &postgresql::SERVICE,
    &mysql::SERVICE,
    &redis::SERVICE,
    &memcached::SERVICE,
    &mongodb::SERVICE,
    &rabbitmq::SERVICE,
    &zookeeper::SERVICE,
    &etcd::SERVICE,
    &elasticsearch::SERVICE,
    &docker::SERVICE,
    // Last: others run on Java machines.
    &jvm::SERVICE,
];

/// The service with this name.
pub fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.name == name)
}

/// What a process is, by what it calls itself.
pub fn recognise(process: &Process) -> Option<(&'static Service, Mark)> {
    SERVICES.iter().find_map(|service| Some((*service, (service.recognise)(process)?)))
}

/// What a process of no known name is, by a port where it listens.
pub fn recognise_by_port(process: &Process, listeners: &[Listener]) -> Option<(&'static Service, Mark)> {
    let ports = listeners.iter().filter_map(|listener| match listener {
        Listener::Tcp(address) => Some(address.port()),
        Listener::Unix(_) => None,
    });
    let ports: Vec<u16> = ports.collect();
    let is_plausible = !FORWARDERS.contains(&process.program_name());
    let known = SERVICES.iter().find(|service| service.ports.iter().any(|port| ports.contains(port)));
    known.filter(|_| is_plausible).map(|service| (*service, Mark::Top))
}

/// Programs that listen at the ports of others.
const FORWARDERS: [&str; 12] = [
    "docker-proxy",
    "systemd",
    "sshd",
    "ssh",
    "socat",
    "haproxy",
    "envoy",
    "rootlessport",
    "slirp4netns",
    "xinetd",
    "kubectl",
    "stunnel4",
];
