//! The types that collectd knows: how many values each has, their names and kinds, as collectd 5.12's `types.db` lists
//! them. Kept as text, which costs a program that never asks no memory.

use model::Kind;

/// Types with one value named `value`, as it is now.
const GAUGES: &str = "apache_connections apache_idle_workers apache_scoreboard arc_l2_size arc_ratio ath_nodes backends \
     bad_peb_count bitrate blocked_clients bool bucket buffer bytes cache_ratio cache_size capacity \
     ceph_bytes ceph_latency changes_since_last_save charge clock_last_meas clock_last_update clock_mode \
     clock_reachability clock_skew_ppm clock_state clock_stratum compression_ratio conntrack controller \
     count cpu_affinity cpufreq current current_connections current_sessions delay delay_rate df_complex \
     df_inodes dilution_of_precision disk_allocation disk_capacity disk_error disk_physical \
     dns_qtype_cached email_check email_count email_size energy energy_wh entropy fanspeed file_handles \
     file_size files flow freepages frequency frequency_error frequency_offset gauge health humidity \
     ib_cap_mask ib_lid ib_lid_mask_count ib_phys_state ib_rate ib_sm_lid ib_sm_sl ib_state ipc latency \
     links max_ec md_disks media memcached_connections memcached_items memory memory_lua multimeter \
     mysql_bpool_bytes mysql_bpool_pages nginx_connections node_rssi node_tx_rate nvme_avail_spare \
     nvme_avail_spare_thresh nvme_crc_error_count nvme_critical_comp_time nvme_critical_warning \
     nvme_ctrl_busy_time nvme_data_units_read nvme_data_units_written \
     nvme_end_to_end_error_detection_count nvme_endu_grp_crit_warn_sumry nvme_erase_fail_count \
     nvme_host_bytes_written nvme_host_commands_read nvme_host_commands_written nvme_media_errors \
     nvme_nand_bytes_written nvme_num_err_log_entries nvme_percent_used nvme_pll_lock_loss_count \
     nvme_power_cycles nvme_power_on_hours nvme_program_fail_count nvme_retry_buffer_overflow_count \
     nvme_temp_sensor nvme_temperature nvme_thermal_mgmt_temp1_total_time \
     nvme_thermal_mgmt_temp1_transition_count nvme_thermal_mgmt_temp2_total_time \
     nvme_thermal_mgmt_temp2_transition_count nvme_thermal_throttle_status nvme_timed_workload_host_reads \
     nvme_timed_workload_media_wear nvme_timed_workload_timer nvme_unsafe_shutdowns \
     nvme_warning_temp_time nvme_wear_leveling objects operations_per_second pending_operations percent \
     percent_bytes percent_inodes pf_states pg_db_size pg_n_tup_g pg_numbackends ping ping_droprate \
     ping_stddev players pools power pressure ps_code ps_data ps_rss ps_stacksize ps_state ps_vm \
     pstates_enabled pubsub queue_length records requests response_code response_time root_delay \
     root_dispersion route_etx route_metric routes satellites segments signal_noise signal_power \
     signal_quality slurm_cycle_last slurm_job_state slurm_last_cycle_depth slurm_node_state \
     smart_badsectors smart_powercycles smart_poweron smart_temperature snr spam_check spam_score spl \
     swap sysevent tcp_connections tdp temperature threads time_dispersion time_offset time_offset_ntp \
     time_offset_rms time_ref timeleft timestamp turbo_enabled uncore_ratio uptime users vcl vcpu \
     vmpage_number volatile_changes voltage vs_memory vs_processes vs_threads";

/// Types with one value named `value`, a sum whose rate counts.
const DERIVES: &str = "apache_bytes apache_requests ath_stat cache_eviction cache_operation cache_result ceph_rate commands \
     connections contextswitch cookies cpu derive disk_ops_complex dns_answer dns_notify dns_opcode \
     dns_qtype dns_query dns_question dns_rcode dns_reject dns_request dns_resolver dns_response \
     dns_transfer dns_update dns_zops drbd_resource errors evicted_keys expired_keys filter_result \
     fork_rate fscache_stat hash_collisions http_request_methods http_requests http_response_codes \
     ib_errors ib_link_error_recovery ib_xmit_wait if_collisions if_multicast if_rx_dropped if_rx_errors \
     if_rx_nohandler if_rx_octets if_rx_packets if_tx_dropped if_tx_errors if_tx_octets if_tx_packets \
     invocations ipt_bytes ipt_packets irq job_stats memcached_command memcached_ops memory_bandwidth \
     memory_throttle_count mutex_operations mysql_bpool_counters mysql_commands mysql_handler \
     mysql_innodb_data mysql_innodb_dblwr mysql_innodb_log mysql_innodb_pages mysql_innodb_row_lock \
     mysql_innodb_rows mysql_locks mysql_log_position mysql_select mysql_slow_queries mysql_sort \
     mysql_sort_merge_passes mysql_sort_rows nfs_procedure nginx_requests node_stat operations packets \
     perf pf_counters pf_limits pf_source pf_state pg_blks pg_n_tup_c pg_scan pg_xact protocol_counter \
     redis_command_cputime slurm_backfilled_jobs slurm_cycle_depth slurm_cycle_duration slurm_cycles \
     slurm_job_stats slurm_queue_length swap_io total_bytes total_connections total_events total_objects \
     total_operations total_requests total_sessions total_threads total_time_in_ms total_values \
     transitions virt_cpu_total virt_vcpu vmpage_action";

/// All others: `type=name:kind,…`, the kind by its first letter.
const OTHERS: &str = "absolute=value:A arc_counts=demand_data:C,demand_metadata:C,prefetch_data:C,prefetch_metadata:C \
     arc_l2_bytes=read:C,write:C arc_size=current:G,target:G,minlimit:G,maxlimit:G \
     compression=uncompressed:D,compressed:D counter=value:C df=used:G,free:G \
     disk_io_time=io_time:D,weighted_io_time:D disk_latency=read:G,write:G disk_merged=read:D,write:D \
     disk_octets=read:D,write:D disk_ops=read:D,write:D disk_time=read:D,write:D \
     dns_octets=queries:D,responses:D domain_state=state:G,reason:G dpdk_telemetry=value:C \
     duration=seconds:G ib_octets=rx:D ib_packets=rx:D if_dropped=rx:D,tx:D if_errors=rx:D,tx:D \
     if_octets=rx:D,tx:D if_packets=rx:D,tx:D io_octets=rx:D,tx:D io_ops=read:D,write:D \
     io_packets=rx:D,tx:D load=shortterm:G,midterm:G,longterm:G memcached_octets=rx:D,tx:D \
     mysql_octets=rx:D,tx:D mysql_qcache=hits:C,inserts:C,not_cached:C,lowmem_prunes:C,queries_in_cache:G \
     mysql_threads=running:G,connected:G,cached:G,created:C node_octets=rx:D,tx:D \
     ps_count=processes:G,threads:G ps_cputime=user:D,syst:D ps_disk_octets=read:D,write:D \
     ps_disk_ops=read:D,write:D ps_pagefaults=minflt:D,majflt:D serial_octets=rx:D,tx:D \
     smart_attribute=current:G,worst:G,threshold:G,pretty:G vf_broadcast=vf_value:D \
     vf_bytes=vf_rx:D,vf_tx:D vf_dropped=vf_rx:D,vf_tx:D vf_link_info=vf_value:G vf_multicast=vf_value:D \
     vf_packets=vf_rx:D,vf_tx:D vmpage_faults=minflt:D,majflt:D vmpage_io=in:D,out:D \
     voltage_threshold=value:G,threshold:G";

/// The names and kinds of a type's values, in order; `None` for a type that collectd does not know.
pub fn values_of(name: &str) -> Option<impl Iterator<Item = (&'static str, Kind)>> {
    let values = if find(GAUGES, name).is_some() {
        "value:G"
    } else if find(DERIVES, name).is_some() {
        "value:D"
    } else {
        find(OTHERS, name)?
    };
    Some(values.split(',').filter_map(|value| {
        let (name, kind) = value.split_once(':')?;
        Some((name, kind_of(kind)?))
    }))
}

/// The kind with this first letter.
fn kind_of(letter: &str) -> Option<Kind> {
    Some(match letter {
        "G" => Kind::Gauge,
        "C" => Kind::Counter,
        "D" => Kind::Derive,
        "A" => Kind::Absolute,
        _ => return None,
    })
}

/// What follows the `=` of the word with this name, "" when it has none. The words are in order of their names and
/// parted by one blank, so half of what is left is put aside at each look.
fn find(words: &'static str, name: &str) -> Option<&'static str> {
    let (mut from, mut to) = (0, words.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let start = words[from..middle].rfind(' ').map_or(from, |at| from + at + 1);
        let end = words[middle..to].find(' ').map_or(to, |at| middle + at);
        let (found, values) = words[start..end].split_once('=').unwrap_or((&words[start..end], ""));
        match found.cmp(name) {
            std::cmp::Ordering::Equal => return Some(values),
            std::cmp::Ordering::Less => from = (end + 1).min(to),
            std::cmp::Ordering::Greater => to = start.saturating_sub(1).max(from),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str) -> Vec<(&'static str, Kind)> {
        values_of(name).map(Iterator::collect).unwrap_or_default()
    }

    #[test]
    fn types_have_names_and_kinds() {
        assert_eq!(values("percent"), [("value", Kind::Gauge)]);
        assert_eq!(values("cpu"), [("value", Kind::Derive)]);
        assert_eq!(values("absolute"), [("value", Kind::Absolute)]);
        assert_eq!(values("if_octets"), [("rx", Kind::Derive), ("tx", Kind::Derive)]);
        let load = [("shortterm", Kind::Gauge), ("midterm", Kind::Gauge), ("longterm", Kind::Gauge)];
        assert_eq!(values("load"), load);
        assert!(values_of("no_such_type").is_none() && values_of("").is_none());
    }

    fn names_of_all() -> impl Iterator<Item = &'static str> {
        [GAUGES, DERIVES, OTHERS]
            .into_iter()
            .flat_map(|list| list.split(' '))
            .map(|word| word.split('=').next().unwrap())
    }

    #[test]
    fn every_row_can_be_read() {
        let names = [GAUGES, DERIVES].into_iter().flat_map(|list| list.split(' '));
        let names: Vec<&str> =
            names.chain(OTHERS.split(' ').map(|row| row.split('=').next().unwrap())).collect();
        assert_eq!(names.len(), 366);
        for list in [GAUGES, DERIVES, OTHERS] {
            let names: Vec<&str> = list.split(' ').map(|word| word.split('=').next().unwrap()).collect();
            assert!(names.is_sorted(), "{names:?}");
        }
        for name in names {
            for other in [format!("{name}x"), name[1..].to_owned(), format!(" {name}")] {
                assert!(names_of_all().all(|known| known != other) == values(&other).is_empty(), "{other}");
            }
            assert!(!values(name).is_empty() && !name.is_empty(), "{name}");
        }
        assert_eq!(
            OTHERS.matches(':').count(),
            OTHERS.split(' ').map(|row| values(row.split('=').next().unwrap()).len()).sum()
        );
    }
}
