import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig } from 'fastify';

const configs = new WeakMap<object, FastifyContextConfig>();

/** Adds to the configuration of a route: several decorators may, where `RouteConfig` keeps only that of the last. */
export const AddRouteConfig =
  (config: FastifyContextConfig): MethodDecorator =>
  (target, key, descriptor) => {
    const method = descriptor.value as object;
    const merged = { ...configs.get(method), ...config };
    configs.set(method, merged);
    RouteConfig(merged)(target, key, descriptor);
  };
