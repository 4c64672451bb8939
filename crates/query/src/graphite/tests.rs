mod conformance;
mod oracle;
