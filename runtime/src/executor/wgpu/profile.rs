//! Measures how long each launch of a step takes: by the device's clock where it has one, else by the host's.

use super::common::Common;
use super::launch::Launch;
use super::stage::Stage;
use crate::error::Result;
use crate::executor::Clock;
use compiler::launch::schedule;
use std::time::Instant;

/// Whose clock measures; a single query set must be able to hold the timestamps of a whole step.
pub(super) fn clock(common: &Common) -> Clock {
    // An operation may be several launches, of one quad no fewer than of many.
    let launches = schedule(&common.plan, &common.plan.training, common.gpu.tiling, 1).dispatches;
    let queries = launches.len() * 2;
    let features = common.gpu.device.features();
    if features.contains(wgpu::Features::TIMESTAMP_QUERY) && queries <= wgpu::QUERY_SET_MAX_QUERIES as usize {
        Clock::Timestamps
    } else {
        Clock::Host
    }
}

/// The seconds of each launch of a step, in order: the mean of `steps` steps, after a first one that compiles.
pub(super) fn profile(stage: &Stage, common: &Common, steps: usize) -> Result<Vec<f64>> {
    if stage.launches.is_empty() {
        return Ok(Vec::new());
    }
    stage.submit(common, 1);
    common.gpu.wait()?;
    match clock(common) {
        Clock::Timestamps => by_timestamps(stage, common, steps),
        Clock::Host => {
            let seconds = stage.launches.iter().map(|launch| by_host(launch, common, steps));
            seconds.collect()
        }
    }
}

/// Runs whole steps, each launch in a pass between two timestamps, so that the caches are as they are in training.
fn by_timestamps(stage: &Stage, common: &Common, steps: usize) -> Result<Vec<f64>> {
    let queries = stage.launches.len() as u32 * 2;
    let device = &common.gpu.device;
    let set = device.create_query_set(&wgpu::QuerySetDescriptor {
        label: Some("timestamps"),
        ty: wgpu::QueryType::Timestamp,
        count: queries,
    });
    let bytes = u64::from(queries) * 8;
    let resolved = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("timestamps"),
        size: bytes,
        usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let mut ticks = vec![0_u64; stage.launches.len()];
    for _ in 0..steps {
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (begin, launch) in (0..).step_by(2).zip(&stage.launches) {
            launch.copy(&mut encoder);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: Some(wgpu::ComputePassTimestampWrites {
                    query_set: &set,
                    beginning_of_pass_write_index: Some(begin),
                    end_of_pass_write_index: Some(begin + 1),
                }),
            });
            launch.record(&mut pass);
        }
        encoder.resolve_query_set(&set, 0..queries, &resolved, 0);
        common.gpu.queue.submit([encoder.finish()]);
        let stamps: Vec<[u64; 2]> = common.gpu.read(&resolved, bytes)?;
        // From the end of the one before, since copies stand between passes.
        let mut last = stamps.first().map_or(0, |[begin, _]| *begin);
        for (sum, [_, end]) in ticks.iter_mut().zip(stamps) {
            *sum += end.saturating_sub(last);
            last = end;
        }
    }
    let seconds_per_tick = f64::from(common.gpu.queue.get_timestamp_period()) * 1e-9;
    let mean = |ticks: u64| ticks as f64 * seconds_per_tick / steps.max(1) as f64;
    Ok(ticks.into_iter().map(mean).collect())
}

/// Repeats one launch many times, so that the cost of the submission hardly matters.
fn by_host(launch: &Launch, common: &Common, repeats: usize) -> Result<f64> {
    let descriptor = wgpu::CommandEncoderDescriptor::default();
    let mut encoder = common.gpu.device.create_command_encoder(&descriptor);
    for _ in 0..repeats {
        launch.copy(&mut encoder);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        launch.record(&mut pass);
    }
    let start = Instant::now();
    common.gpu.queue.submit([encoder.finish()]);
    common.gpu.wait()?;
    Ok(start.elapsed().as_secs_f64() / repeats.max(1) as f64)
}
