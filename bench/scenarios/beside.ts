import type { Numbers } from '../generator/plan.ts'

/** Latencies of the traffic without what a scenario is about, and with it. */
export function beside(without: Numbers, numbers: Numbers): Numbers {
  return {
    p50Without: without.deliveryP50!,
    p50Ratio: numbers.deliveryP50! / without.deliveryP50!,
    p99Without: without.deliveryP99!,
    p99Ratio: numbers.deliveryP99! / without.deliveryP99!,
  }
}
