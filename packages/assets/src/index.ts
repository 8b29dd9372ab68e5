export { advanceBattery, type Battery } from './battery.ts'
export type { DeviceBank, DeviceColumns, Surroundings } from './device.ts'
export { occupancyShare } from './device-air.ts'
export { catchUpH } from './device-demand.ts'
export { createDeviceFleet, type DeviceFleet, type DeviceMemory, type DeviceRow, type FleetMemory } from './device-fleet.ts'
export { drawSharePerH, heatDemandShare } from './device-heat.ts'
export { coldDemandShare } from './device-ice.ts'
export { fuelKw } from './device-machine.ts'
export { pvAvailableKw, windAvailableKw } from './device-renewable.ts'
export { advanceEvPosts, type EvPosts, type EvSessions, type EvStep } from './ev-post.ts'
export { checkSchedule, type FallbackSchedule, scheduledKw } from './fallback-schedule.ts'
export { advanceFlexibleLoad, type FlexibleLoad, type FlexibleLoadState } from './flexible-load.ts'
export { advanceFrequency, type FrequencyModel, type FrequencyState, inertiaS } from './frequency.ts'
export { type LoadProfile, loadFactor, loadProfiles, type ProfileTime, toProfileTime } from './load-profile.ts'
export { localDate, utcOffsetHours } from './local-time.ts'
export { advanceBasePoint, governorDeadBandHz, type Machine, primaryResponse } from './machine.ts'
export { manyResources } from './many-resources.ts'
export { type PvField, pvAvailable } from './pv.ts'
export { rampTowards } from './ramp.ts'
export {
    conditionQuantities,
    injects,
    intoNetworkKw,
    quantitiesOf,
    type Resource,
    type ResourceKind,
    type ResourceOf,
    type ResourceProtocol,
    type ResourceQuantity,
    type ResourceQuantityName,
    readResourcePoint,
    readResources,
    resourceKinds,
    resourcePoint,
    resourceProtocols,
    resourceQuantities,
    resourceTables,
    setpointLastsS,
} from './resource.ts'
export { type ResourceGroup, shippedFleet, shippedGroups } from './shipped-fleet.ts'
export { clearSkyIrradiance, cloudTransmission, type SunPosition, solarPosition } from './solar.ts'
export { advanceTapControl, defaultTapControl, type TapControl, type TapState } from './tap-changer.ts'
export { diffuseShare, tiltedIrradiance } from './tilted-plane.ts'
export {
    type Climate,
    calmWeather,
    type SiteWeatherState,
    stepOrnsteinUhlenbeck,
    stepSiteWeather,
    stepWeather,
    temperateCoast,
    type Weather,
    type WeatherState,
    weatherAt,
} from './weather.ts'
export { classTwo, hubWind, type TurbineSpeeds, windShare } from './wind-turbine.ts'
