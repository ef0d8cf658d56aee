import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Names follow `tocsin_<noun>_<unit>_total`; labels are few and never hold a constituent's data. */
export class Metrics {
  readonly registry = new Registry()

  constructor(service: string, slot: number) {
    this.registry.setDefaultLabels({ service, slot: String(slot) })
    collectDefaultMetrics({ register: this.registry })
  }

  /** A counter; asking twice for the same name gives the same one. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const known = this.registry.getSingleMetric(name)
    if (known !== undefined) return known as Counter
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] })
  }

  /** A gauge; asking twice for the same name gives the same one. */
  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    const known = this.registry.getSingleMetric(name)
    if (known !== undefined) return known as Gauge
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] })
  }

  /** A histogram of seconds; asking twice for the same name gives the same one. */
  histogram(name: string, help: string, labelNames: readonly string[] = []): Histogram {
    const known = this.registry.getSingleMetric(name)
    if (known !== undefined) return known as Histogram
    const buckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]
    return new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [this.registry] })
  }
}
